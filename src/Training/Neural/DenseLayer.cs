using Gyre.Numerics;

namespace Gyre.Training.Neural;

/// <summary>Every output is a weighted sum of all inputs plus a bias, rectified where asked. Weights stand inputs ×
/// outputs.</summary>
internal sealed class DenseLayer(int inputs, int outputs, bool rectified) : Layer(inputs, outputs)
{
    public bool Rectified => rectified;

    public override int Weights => Inputs * Outputs;

    public override int Biases => Outputs;

    public override void Initialize(Span<float> weights, SeededRandom random) =>
        FillNormal(weights, Inputs, rectified ? 2 : 1, random);

    public override void Forward(
        ReadOnlySpan<float> parameters, ReadOnlySpan<float> input, Span<float> output, int rows, Span<float> scratch,
        SeededRandom? chance)
    {
        MatrixProduct.Multiply(
            StridedMatrix.RowMajor(input, rows, Inputs), StridedMatrix.RowMajor(parameters, Inputs, Outputs), output);
        Activation.AddBias(output, parameters[Weights..], rectified);
    }

    public override void Backward(
        ReadOnlySpan<float> parameters, ReadOnlySpan<float> input, ReadOnlySpan<float> output,
        Span<float> outputSlopes, Span<float> inputSlopes, Span<float> parameterSlopes, int rows, Span<float> scratch)
    {
        if (rectified) Activation.MaskSlopes(output, outputSlopes);
        Activation.AddColumns(outputSlopes, parameterSlopes[Weights..]);
        var slopes = StridedMatrix.RowMajor(outputSlopes, rows, Outputs);
        MatrixProduct.Multiply(
            StridedMatrix.RowMajor(input, rows, Inputs).Transposed, slopes, parameterSlopes, accumulate: true);
        if (inputSlopes.IsEmpty) return;
        MatrixProduct.Multiply(slopes, StridedMatrix.RowMajor(parameters, Inputs, Outputs).Transposed, inputSlopes);
    }
}
