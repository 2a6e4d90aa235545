using System.Collections.Immutable;
using System.Numerics;
using Gyre.Tabular;
using Gyre.Training.Neural;

namespace Gyre.Training;

/// <summary>
/// A network over the inputs of a <see cref="NeuralPreprocessing"/>: convolutions and pooling in float32, then dense
/// layers whose sums run in float64; the last one's outputs are the scores.
/// </summary>
public sealed class NeuralModel : Model
{
    private const int ChunkRows = 64;

    /// <summary>Creates it.</summary>
    /// <exception cref="ArgumentException">A layer does not fit the one before, or the last is not dense.</exception>
    public NeuralModel(ImmutableArray<NeuralLayer> layers, OutputLink link)
    {
        var dense = false;
        for (var i = 0; i < layers.Length; i++)
        {
            if (i > 0 && layers[i].Inputs != layers[i - 1].Outputs)
                throw new ArgumentException($"Layer {i + 1} takes {layers[i].Inputs} numbers, the one before gives {layers[i - 1].Outputs}.", nameof(layers));
            if (dense && layers[i] is not DenseNeuralLayer)
                throw new ArgumentException("Only dense layers may follow a dense one.", nameof(layers));
            dense = layers[i] is DenseNeuralLayer;
        }

        if (!dense) throw new ArgumentException("The last layer must be dense.", nameof(layers));
        (Layers, Link) = (layers, link);
    }

    /// <summary>The layers, in order.</summary>
    public ImmutableArray<NeuralLayer> Layers { get; }

    /// <summary>What turns scores into predictions.</summary>
    public OutputLink Link { get; }

    /// <summary>How many epochs its parameters were trained for; 0 when that is not known.</summary>
    public int Epochs { get; init; }

    internal static NeuralModel Of(Network network, ReadOnlySpan<float> parameters, TaskKind task, int epochs)
    {
        var layers = new List<NeuralLayer>();
        for (var i = 0; i < network.Layers.Length; i++)
        {
            var own = parameters[network.Of(i)];
            ImmutableArray<float> weights = [.. own[..network.Layers[i].Weights]];
            ImmutableArray<float> biases = [.. own[network.Layers[i].Weights..]];
            switch (network.Layers[i])
            {
                case DenseLayer dense:
                    layers.Add(new DenseNeuralLayer(dense.Inputs, dense.Outputs, weights, biases, dense.Rectified));
                    break;
                case ConvolutionLayer c:
                    layers.Add(new ConvolutionNeuralLayer(
                        c.Height, c.Width, c.ChannelsIn, c.ChannelsOut, weights, biases));
                    break;
                case PoolingLayer pool:
                    layers.Add(new PoolingNeuralLayer(pool.Height, pool.Width, pool.Channels));
                    break;
            }
        }

        return new NeuralModel([.. layers], OutputLinks.For(task)) { Epochs = epochs };
    }

    internal override void Predict(Preprocessing preprocessing, Table table, double[] predictions)
    {
        var rows = ((NeuralPreprocessing)preprocessing).Rows(table);
        var first = Layers.IndexOf(Layers.First(l => l is DenseNeuralLayer));
        var images = new ImageLayers(Layers.AsSpan()[..first], rows.Width);
        var outputs = Layers[^1].Outputs;
        var input = new float[ChunkRows * rows.Width];
        for (var start = 0; start < rows.Rows; start += ChunkRows)
        {
            var count = Math.Min(ChunkRows, rows.Rows - start);
            for (var i = 0; i < count; i++) rows.Fill(start + i, input.AsSpan(i * rows.Width, rows.Width), null);
            var values = Array.ConvertAll(images.Run(input, count).ToArray(), v => (double)v);
            foreach (var layer in Layers.AsSpan()[first..])
                values = Dense((DenseNeuralLayer)layer, values, count);
            values.CopyTo(predictions.AsSpan(start * outputs));
        }

        OutputLinks.Apply(Link, predictions, outputs);
    }

    private static double[] Dense(DenseNeuralLayer layer, double[] values, int rows)
    {
        var result = new double[rows * layer.Outputs];
        for (var row = 0; row < rows; row++)
        {
            var sums = result.AsSpan(row * layer.Outputs, layer.Outputs);
            for (var k = 0; k < sums.Length; k++) sums[k] = layer.Biases[k];
            for (var j = 0; j < layer.Inputs; j++)
            {
                var value = values[(row * layer.Inputs) + j];
                if (value != 0) AddScaled(sums, value, layer.Weights.AsSpan().Slice(j * layer.Outputs, layer.Outputs));
            }

            if (!layer.Rectified) continue;
            foreach (ref var sum in sums) sum = Math.Max(sum, 0);
        }

        return result;
    }

    private static void AddScaled(Span<double> sums, double factor, ReadOnlySpan<float> weights)
    {
        var k = 0;
        var half = Vector<double>.Count;
        for (; k <= sums.Length - (2 * half); k += 2 * half)
        {
            Vector.Widen(new Vector<float>(weights[k..]), out var low, out var high);
            (new Vector<double>(sums[k..]) + (factor * low)).CopyTo(sums[k..]);
            (new Vector<double>(sums[(k + half)..]) + (factor * high)).CopyTo(sums[(k + half)..]);
        }

        for (; k < sums.Length; k++) sums[k] += factor * weights[k];
    }
}
