using System.Collections.Immutable;
using Gyre.Models.Expressions;
using Gyre.Models.Graph;
using Gyre.Training;

namespace Gyre.Models.Export;

/// <summary>
/// Writes networks. Dense layers compute in float64, as the trainer's own predictions do; their weights stay float32 in
/// the file.
/// </summary>
internal static class NeuralModelExport
{
    /// <summary>Float64 scores, [N, outputs].</summary>
    public static string Scores(
        GraphMath math, RawColumns columns, NeuralPreprocessing preprocessing, NeuralModel model)
    {
        var first = (DenseNeuralLayer)model.Layers[0];
        var values = Rectify(math, first, Tabular(math, columns, preprocessing.Tabular, first));
        foreach (var layer in model.Layers.Skip(1)) values = Dense(math, (DenseNeuralLayer)layer, values);
        return values;
    }

    // The first layer is a linear model of the columns: categories look their weights up, no one-hot numbers are made.
    private static string Tabular(
        GraphMath math, RawColumns columns, LinearPreprocessing preprocessing, DenseNeuralLayer layer)
    {
        var weights = new float[layer.Weights.Length];
        for (var j = 0; j < layer.Inputs; j++)
        for (var k = 0; k < layer.Outputs; k++)
            weights[(k * layer.Inputs) + j] = layer.Weights[(j * layer.Outputs) + k];
        return LinearModelExport.Scores(math, columns, preprocessing, new LinearModel(
            ImmutableArray.Create(weights), layer.Biases, OutputLink.Identity));
    }

    private static string Dense(GraphMath math, DenseNeuralLayer layer, string values) => Rectify(math, layer,
        math.Graph.Node("Gemm",
        [
            values,
            math.ToNumber(math.Graph.Constant(Constants.Of(layer.Weights.AsSpan(), layer.Inputs, layer.Outputs))),
            math.ToNumber(math.Graph.Constant(Constants.Of(layer.Biases.AsSpan(), layer.Outputs))),
        ]));

    private static string Rectify(GraphMath math, DenseNeuralLayer layer, string values) =>
        layer.Rectified ? math.Unary("Relu", values) : values;
}
