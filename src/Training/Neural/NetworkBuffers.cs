namespace Gyre.Training.Neural;

/// <summary>What one thread needs to run up to a number of rows through a network.</summary>
internal sealed class NetworkBuffers
{
    private readonly float[][] _values;
    private readonly float[][] _slopes;
    private readonly float[] _scratch;
    private readonly int[] _sizes;

    public NetworkBuffers(Network network, int rows, bool forTraining)
    {
        _sizes = [network.Inputs, .. network.Layers.Select(l => l.Outputs)];
        _values = Array.ConvertAll(_sizes, size => new float[rows * size]);
        _slopes = forTraining
            ? [[], .. _sizes.Skip(1).Select(size => new float[rows * size])]
            : [];
        _scratch = new float[network.Layers.Max(l => l.Scratch)];
        Rows = rows;
    }

    /// <summary>The most rows.</summary>
    public int Rows { get; }

    public Span<float> Scratch => _scratch;

    /// <summary>What goes into a layer; the last are the network's outputs.</summary>
    public Span<float> Values(int layer, int rows) => _values[layer].AsSpan(0, rows * _sizes[layer]);

    /// <summary>The loss's derivatives by those.</summary>
    public Span<float> Slopes(int layer, int rows) => _slopes[layer].AsSpan(0, rows * _sizes[layer]);
}
