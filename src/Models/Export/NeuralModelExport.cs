using System.Collections.Immutable;
using Gyre.Models.Expressions;
using Gyre.Models.Graph;
using Gyre.Training;
using Kind = Onnx.TensorProto.Types.DataType;

namespace Gyre.Models.Export;

/// <summary>
/// Writes networks. Convolutions compute in float32, the only type that engines have them in; dense layers in float64,
/// as the trainer's own predictions do. All weights stay float32 in the file.
/// </summary>
internal static class NeuralModelExport
{
    /// <summary>What the last hidden layer gives has this name in the graph, so that the features of a trained network
    /// can be taken for another model.</summary>
    public const string Embedding = "embedding";

    /// <summary>Float64 scores, [N, outputs].</summary>
    public static string Scores(
        GraphMath math, RawColumns columns, NeuralPreprocessing preprocessing, NeuralModel model)
    {
        var first = model.Layers.TakeWhile(l => l is not DenseNeuralLayer).Count();
        var dense = (DenseNeuralLayer)model.Layers[first];
        var scores = preprocessing.Images.IsEmpty
            ? Tabular(math, columns, preprocessing, dense, dense.Biases)
            : Images(math, preprocessing, model.Layers.AsSpan()[..first], dense);
        if (!preprocessing.Images.IsEmpty && !preprocessing.Tabular.Features.IsEmpty)
            scores = math.Add(scores, Tabular(math, columns, preprocessing, dense, [.. new float[dense.Outputs]]));
        scores = Rectify(math, dense, scores);
        foreach (var layer in model.Layers.Skip(first + 1).Cast<DenseNeuralLayer>())
        {
            if (ReferenceEquals(layer, model.Layers[^1])) scores = math.Graph.Name(scores, Embedding);
            scores = Rectify(math, layer, Product(
                math, scores, layer.Weights.AsSpan(), layer.Inputs, layer.Outputs, layer.Biases.AsSpan()));
        }

        return scores;
    }

    // What images bring to the first dense layer's sums, biases included.
    private static string Images(
        GraphMath math, NeuralPreprocessing preprocessing, ReadOnlySpan<NeuralLayer> layers, DenseNeuralLayer dense)
    {
        var graph = math.Graph;
        var scale = graph.Constant(Constants.Of([255f], 1, 1, 1, 1));
        var images = preprocessing.Images
            .Select(i => math.Divide(graph.Cast(i.Name, Kind.Float), scale)).ToArray();
        if (!layers.IsEmpty) images[0] = Convolve(graph, images[0], layers);
        var flat = Array.ConvertAll(images, i => graph.Node("Flatten", [i], NodeAttribute.Of("axis", 1L)));
        var values = flat.Length == 1 ? flat[0] : graph.Node("Concat", flat, NodeAttribute.Of("axis", 1L));
        var width = layers.IsEmpty ? preprocessing.Pixels : dense.Inputs;
        return Product(
            math, math.ToNumber(values), dense.Weights.AsSpan()[..(width * dense.Outputs)], width, dense.Outputs,
            dense.Biases.AsSpan());
    }

    // Engines want channels before height and width; the rest of the network has them behind.
    private static string Convolve(GraphBuilder graph, string image, ReadOnlySpan<NeuralLayer> layers)
    {
        var values = graph.Node("Transpose", [image], NodeAttribute.Of("perm", [0L, 3L, 1L, 2L]));
        foreach (var layer in layers)
        {
            values = layer is ConvolutionNeuralLayer convolution
                ? graph.Node("Relu", [Convolve(graph, values, convolution)])
                : graph.Node("MaxPool", [values], NodeAttribute.Of("kernel_shape", [2L, 2L]),
                    NodeAttribute.Of("strides", [2L, 2L]));
        }

        return graph.Node("Transpose", [values], NodeAttribute.Of("perm", [0L, 2L, 3L, 1L]));
    }

    private static string Convolve(GraphBuilder graph, string values, ConvolutionNeuralLayer layer)
    {
        var (channelsIn, channelsOut) = (layer.ChannelsIn, layer.ChannelsOut);
        var weights = new float[layer.Weights.Length];
        for (var patch = 0; patch < 9; patch++)
        for (var i = 0; i < channelsIn; i++)
        for (var o = 0; o < channelsOut; o++)
            weights[(((o * channelsIn) + i) * 9) + patch] = layer.Weights[(((patch * channelsIn) + i) * channelsOut) + o];
        return graph.Node(
            "Conv",
            [
                values, graph.Constant(Constants.Of(weights.AsSpan(), channelsOut, channelsIn, 3, 3)),
                graph.Constant(Constants.Of(layer.Biases.AsSpan(), channelsOut)),
            ],
            NodeAttribute.Of("kernel_shape", [3L, 3L]), NodeAttribute.Of("pads", [1L, 1L, 1L, 1L]));
    }

    // A linear model of the columns: categories look their weights up, no one-hot numbers are made.
    private static string Tabular(
        GraphMath math, RawColumns columns, NeuralPreprocessing preprocessing, DenseNeuralLayer layer,
        ImmutableArray<float> biases)
    {
        var width = preprocessing.Tabular.Width;
        var weights = new float[width * layer.Outputs];
        for (var j = 0; j < width; j++)
        for (var k = 0; k < layer.Outputs; k++)
            weights[(k * width) + j] = layer.Weights[((preprocessing.Pixels + j) * layer.Outputs) + k];
        return LinearModelExport.Scores(math, columns, preprocessing.Tabular, new LinearModel(
            ImmutableArray.Create(weights), biases, OutputLink.Identity));
    }

    private static string Product(
        GraphMath math, string values, ReadOnlySpan<float> weights, int inputs, int outputs, ReadOnlySpan<float> biases)
    {
        var graph = math.Graph;
        return graph.Node("Gemm",
        [
            values, math.ToNumber(graph.Constant(Constants.Of(weights, inputs, outputs))),
            math.ToNumber(graph.Constant(Constants.Of(biases, outputs))),
        ]);
    }

    private static string Rectify(GraphMath math, DenseNeuralLayer layer, string values) =>
        layer.Rectified ? math.Unary("Relu", values) : values;
}
