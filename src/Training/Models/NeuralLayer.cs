using System.Collections.Immutable;

namespace Gyre.Training;

/// <summary>One step of a <see cref="NeuralModel"/>. Images stand height × width × channels, row-major.</summary>
/// <param name="Inputs">Numbers of a row that goes in.</param>
/// <param name="Outputs">Numbers of a row that comes out.</param>
public abstract record NeuralLayer(int Inputs, int Outputs);

/// <summary>Output k = bias k + Σ input j × weight[j, k], then max(0, ·) where rectified. Sums run in float64.</summary>
/// <param name="Inputs">Numbers of a row that goes in.</param>
/// <param name="Outputs">Numbers of a row that comes out.</param>
/// <param name="Weights">Row-major, inputs × outputs.</param>
/// <param name="Biases">One per output.</param>
/// <param name="Rectified">Whether negative outputs become 0.</param>
public sealed record DenseNeuralLayer(
    int Inputs, int Outputs, ImmutableArray<float> Weights, ImmutableArray<float> Biases, bool Rectified)
    : NeuralLayer(Inputs, Outputs);

/// <summary>
/// A 3 × 3 convolution of stride 1 with zeros outside the image, so that the size stays, then max(0, ·). Sums run in
/// float32.
/// </summary>
/// <param name="Height">Rows of pixels.</param>
/// <param name="Width">Columns of pixels.</param>
/// <param name="ChannelsIn">Numbers of a pixel that goes in.</param>
/// <param name="ChannelsOut">Numbers of a pixel that comes out.</param>
/// <param name="Weights">Row-major, 3 × 3 × channels in × channels out.</param>
/// <param name="Biases">One per channel out.</param>
public sealed record ConvolutionNeuralLayer(
    int Height, int Width, int ChannelsIn, int ChannelsOut, ImmutableArray<float> Weights,
    ImmutableArray<float> Biases)
    : NeuralLayer(Height * Width * ChannelsIn, Height * Width * ChannelsOut);

/// <summary>The largest of each 2 × 2 pixels, per channel; an odd last row or column is left out.</summary>
/// <param name="Height">Rows of pixels that go in.</param>
/// <param name="Width">Columns of pixels that go in.</param>
/// <param name="Channels">Numbers of a pixel.</param>
public sealed record PoolingNeuralLayer(int Height, int Width, int Channels)
    : NeuralLayer(Height * Width * Channels, Height / 2 * (Width / 2) * Channels);
