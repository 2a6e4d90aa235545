using Gyre.Numerics;

namespace Gyre.Training.Neural;

/// <summary>
/// A rectified 3 × 3 convolution that keeps the image's size (0 outside it). Images stand height × width × channels;
/// weights stand (3 × 3 × channels in) × channels out, the patch row-major.
/// </summary>
internal sealed class ConvolutionLayer(int height, int width, int channelsIn, int channelsOut)
    : Layer(height * width * channelsIn, height * width * channelsOut)
{
    private const int Patch = ImagePatches.Side * ImagePatches.Side;

    public int Height => height;

    public int Width => width;

    public int ChannelsIn => channelsIn;

    public int ChannelsOut => channelsOut;

    public override int Weights => Patch * channelsIn * channelsOut;

    public override long Work => (long)height * width * Weights;

    public override int Biases => channelsOut;

    /// <summary>The patches of one image.</summary>
    public override int Scratch => height * width * Patch * channelsIn;

    public override void Initialize(Span<float> weights, SeededRandom random) =>
        FillNormal(weights, Patch * channelsIn, 2, random);

    public override void Forward(
        ReadOnlySpan<float> parameters, ReadOnlySpan<float> input, Span<float> output, int rows, Span<float> scratch,
        SeededRandom? chance)
    {
        var weights = StridedMatrix.RowMajor(parameters, Patch * channelsIn, channelsOut);
        for (var row = 0; row < rows; row++)
        {
            var result = output.Slice(row * Outputs, Outputs);
            MatrixProduct.Multiply(Patches(input, row, scratch), weights, result);
            Activation.AddBias(result, parameters[Weights..], rectify: true);
        }
    }

    public override void Backward(
        ReadOnlySpan<float> parameters, ReadOnlySpan<float> input, ReadOnlySpan<float> output,
        Span<float> outputSlopes, Span<float> inputSlopes, Span<float> parameterSlopes, int rows, Span<float> scratch)
    {
        var weights = StridedMatrix.RowMajor(parameters, Patch * channelsIn, channelsOut);
        Activation.MaskSlopes(output, outputSlopes);
        Activation.AddColumns(outputSlopes, parameterSlopes[Weights..]);
        for (var row = 0; row < rows; row++)
        {
            var slopes = StridedMatrix.RowMajor(
                outputSlopes.Slice(row * Outputs, Outputs), height * width, channelsOut);
            MatrixProduct.Multiply(Patches(input, row, scratch).Transposed, slopes, parameterSlopes, accumulate: true);
            if (inputSlopes.IsEmpty) continue;
            var image = inputSlopes.Slice(row * Inputs, Inputs);
            image.Clear();
            MatrixProduct.Multiply(slopes, weights.Transposed, scratch);
            ImagePatches.Scatter(scratch, height, width, channelsIn, image);
        }
    }

    private StridedMatrix Patches(ReadOnlySpan<float> input, int row, Span<float> scratch)
    {
        ImagePatches.Gather(input.Slice(row * Inputs, Inputs), height, width, channelsIn, scratch);
        return StridedMatrix.RowMajor(scratch, height * width, Patch * channelsIn);
    }
}
