namespace Gyre.Training.Neural;

/// <summary>A model's convolutions and pooling, run in float32 by the layers that it was trained with.</summary>
internal sealed class ImageLayers
{
    private readonly Network? _network;
    private readonly float[] _parameters = [];
    private readonly int _width;
    private NetworkBuffers? _buffers;

    public ImageLayers(ReadOnlySpan<NeuralLayer> layers, int width)
    {
        _width = width;
        if (layers.IsEmpty) return;
        var parameters = new List<float>();
        var own = new List<Layer>();
        foreach (var layer in layers)
        {
            if (layer is ConvolutionNeuralLayer c)
            {
                own.Add(new ConvolutionLayer(c.Height, c.Width, c.ChannelsIn, c.ChannelsOut));
                parameters.AddRange(c.Weights);
                parameters.AddRange(c.Biases);
            }
            else if (layer is PoolingNeuralLayer p)
            {
                own.Add(new PoolingLayer(p.Height, p.Width, p.Channels));
            }
        }

        (_network, _parameters) = (new Network(own), [.. parameters]);
    }

    /// <summary>The numbers that go into the first dense layer; valid until the next call.</summary>
    public ReadOnlySpan<float> Run(ReadOnlySpan<float> input, int rows)
    {
        input = input[..(rows * _width)];
        if (_network is null) return input;
        if (_buffers is null || _buffers.Rows < rows) _buffers = new NetworkBuffers(_network, rows, forTraining: false);
        input.CopyTo(_buffers.Values(0, rows));
        return _network.Forward(_parameters, _buffers, rows, null);
    }
}
