using Gyre.Models.Expressions;
using Gyre.Training;

namespace Gyre.Models.Export;

/// <summary>Writes ensembles: every member's predictions from the same inputs, weighted and summed in float64.</summary>
internal static class EnsembleExport
{
    /// <summary>Predictions [N, outputs] in float64.</summary>
    public static string Predictions(GraphMath math, RawColumns columns, EnsembleModel model)
    {
        string? sum = null;
        foreach (var (pipeline, weight) in model.Members)
        {
            var part = math.Multiply(OnnxExporter.Predictions(math, columns, pipeline), math.Number(weight));
            sum = sum is null ? part : math.Add(sum, part);
        }

        return sum ?? throw new InvalidOperationException("An ensemble has no members.");
    }
}
