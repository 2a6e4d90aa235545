using Gyre.Numerics;

namespace Gyre.Training.Neural;

/// <summary>
/// In training, sets a share of the inputs to 0 and scales the others by 1 / (1 − share) (Srivastava et al. 2014);
/// else passes them on. Stands after a rectified layer only: an output of 0 then passes no derivative on in either
/// case, and no mask need be kept.
/// </summary>
internal sealed class DropoutLayer(int size, double share) : Layer(size, size)
{
    private readonly float _scale = (float)(1 / (1 - share));
    private readonly uint _limit = (uint)(share * uint.MaxValue);

    public override void Forward(
        ReadOnlySpan<float> parameters, ReadOnlySpan<float> input, Span<float> output, int rows, Span<float> scratch,
        SeededRandom? chance)
    {
        if (chance is null)
        {
            input.CopyTo(output);
            return;
        }

        var bits = 0ul;
        for (var i = 0; i < input.Length; i++)
        {
            bits = (i & 1) == 0 ? chance.NextUInt64() : bits >> 32;
            output[i] = (uint)bits < _limit ? 0 : input[i] * _scale;
        }
    }

    public override void Backward(
        ReadOnlySpan<float> parameters, ReadOnlySpan<float> input, ReadOnlySpan<float> output,
        Span<float> outputSlopes, Span<float> inputSlopes, Span<float> parameterSlopes, int rows, Span<float> scratch)
    {
        for (var i = 0; i < inputSlopes.Length; i++) inputSlopes[i] = output[i] == 0 ? 0 : outputSlopes[i] * _scale;
    }
}
