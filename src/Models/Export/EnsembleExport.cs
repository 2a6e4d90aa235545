using Gyre.Models.Expressions;
using Gyre.Training;

namespace Gyre.Models.Export;

/// <summary>Writes ensembles: every member's predictions from the same inputs, held to the range, weighted and summed in float64.</summary>
internal static class EnsembleExport
{
    /// <summary>Predictions [N, outputs] in float64.</summary>
    public static string Predictions(GraphMath math, RawColumns columns, EnsembleModel model)
    {
        string? sum = null;
        foreach (var (pipeline, weight) in model.Members)
        {
            var prediction = OnnxExporter.Predictions(math, columns, pipeline);
            if (model.Range is { } range)
                prediction = math.Smaller(math.Larger(prediction, math.Number(range.Low)), math.Number(range.High));
            var part = math.Multiply(prediction, math.Number(weight));
            sum = sum is null ? part : math.Add(sum, part);
        }

        return sum ?? throw new InvalidOperationException("An ensemble has no members.");
    }
}
