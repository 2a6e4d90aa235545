using Gyre.Numerics;

namespace Gyre.Training.Neural;

/// <summary>The largest of each 2 × 2 pixels, per channel; an odd last row or column is left out.</summary>
internal sealed class PoolingLayer(int height, int width, int channels)
    : Layer(height * width * channels, height / 2 * (width / 2) * channels)
{
    public int Height => height;

    public int Width => width;

    public int Channels => channels;

    public override void Forward(
        ReadOnlySpan<float> parameters, ReadOnlySpan<float> input, Span<float> output, int rows, Span<float> scratch,
        SeededRandom? chance)
    {
        for (var row = 0; row < rows; row++)
        {
            MaxPooling.Pool(
                input.Slice(row * Inputs, Inputs), height, width, channels, output.Slice(row * Outputs, Outputs));
        }
    }

    public override void Backward(
        ReadOnlySpan<float> parameters, ReadOnlySpan<float> input, ReadOnlySpan<float> output,
        Span<float> outputSlopes, Span<float> inputSlopes, Span<float> parameterSlopes, int rows, Span<float> scratch)
    {
        if (inputSlopes.IsEmpty) return;
        for (var row = 0; row < rows; row++)
        {
            MaxPooling.Unpool(
                input.Slice(row * Inputs, Inputs), output.Slice(row * Outputs, Outputs),
                outputSlopes.Slice(row * Outputs, Outputs), height, width, channels,
                inputSlopes.Slice(row * Inputs, Inputs));
        }
    }
}
