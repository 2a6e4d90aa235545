using System.Collections.Immutable;
using Gyre.Numerics;

namespace Gyre.Training.Neural;

/// <summary>Layers one after the other, and where each one's parameters stand in one array of all. Immutable.</summary>
internal sealed class Network
{
    private readonly int[] _offsets;

    public Network(IEnumerable<Layer> layers)
    {
        Layers = [.. layers];
        _offsets = new int[Layers.Length + 1];
        for (var i = 0; i < Layers.Length; i++)
            _offsets[i + 1] = _offsets[i] + Layers[i].Weights + Layers[i].Biases;
    }

    public ImmutableArray<Layer> Layers { get; }

    public int Inputs => Layers[0].Inputs;

    public int Outputs => Layers[^1].Outputs;

    /// <summary>How many parameters all layers have.</summary>
    public int Parameters => _offsets[^1];

    /// <summary>The parameters of a layer.</summary>
    public Range Of(int layer) => _offsets[layer].._offsets[layer + 1];

    /// <summary>Parameters before training.</summary>
    public float[] Initialize(SeededRandom random)
    {
        var parameters = new float[Parameters];
        for (var i = 0; i < Layers.Length; i++)
            Layers[i].Initialize(parameters.AsSpan(_offsets[i], Layers[i].Weights), random);
        return parameters;
    }

    /// <summary>Runs some rows, whose inputs stand in the buffers, forward; the outputs are the last layer's.</summary>
    public Span<float> Forward(ReadOnlySpan<float> parameters, NetworkBuffers buffers, int rows, SeededRandom? chance)
    {
        for (var i = 0; i < Layers.Length; i++)
        {
            Layers[i].Forward(
                parameters[Of(i)], buffers.Values(i, rows), buffers.Values(i + 1, rows), rows, buffers.Scratch,
                chance);
        }

        return buffers.Values(Layers.Length, rows);
    }

    /// <summary>After <see cref="Forward"/>, with the derivatives by the outputs in the buffers: adds those by the
    /// parameters to <paramref name="slopes"/>.</summary>
    public void Backward(ReadOnlySpan<float> parameters, NetworkBuffers buffers, int rows, Span<float> slopes)
    {
        for (var i = Layers.Length - 1; i >= 0; i--)
        {
            Layers[i].Backward(
                parameters[Of(i)], buffers.Values(i, rows), buffers.Values(i + 1, rows), buffers.Slopes(i + 1, rows),
                i == 0 ? default : buffers.Slopes(i, rows), slopes[Of(i)], rows, buffers.Scratch);
        }
    }
}
