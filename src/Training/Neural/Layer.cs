using Gyre.Numerics;

namespace Gyre.Training.Neural;

/// <summary>
/// One step of a network over rows of float32 numbers. Holds no state: parameters and buffers are the caller's, so that
/// threads share a layer. Parameters are weights first, then biases.
/// </summary>
internal abstract class Layer(int inputs, int outputs)
{
    /// <summary>Numbers of a row that goes in.</summary>
    public int Inputs => inputs;

    /// <summary>Numbers of a row that comes out.</summary>
    public int Outputs => outputs;

    /// <summary>How many parameters are weights, which weight decay pulls to 0.</summary>
    public virtual int Weights => 0;

    /// <summary>How many parameters are biases.</summary>
    public virtual int Biases => 0;

    /// <summary>Numbers that a pass needs besides its inputs and outputs.</summary>
    public virtual int Scratch => 0;

    /// <summary>Multiplications that a row takes.</summary>
    public virtual long Work => Weights;

    /// <summary>Fills weights before training; biases stay 0.</summary>
    public virtual void Initialize(Span<float> weights, SeededRandom random)
    {
    }

    /// <summary>Fills the outputs, rows × <see cref="Outputs"/>.</summary>
    /// <param name="parameters">The layer's own.</param>
    /// <param name="input">rows × <see cref="Inputs"/>.</param>
    /// <param name="output">rows × <see cref="Outputs"/>.</param>
    /// <param name="rows">The number of rows.</param>
    /// <param name="scratch"><see cref="Scratch"/> numbers.</param>
    /// <param name="chance">For what is random in training; null when predicting.</param>
    public abstract void Forward(
        ReadOnlySpan<float> parameters, ReadOnlySpan<float> input, Span<float> output, int rows, Span<float> scratch,
        SeededRandom? chance);

    /// <summary>From the loss's derivatives by the outputs to those by parameters and inputs.</summary>
    /// <param name="parameters">The layer's own.</param>
    /// <param name="input">As it went in.</param>
    /// <param name="output">As it came out.</param>
    /// <param name="outputSlopes">Derivatives by the outputs; may be overwritten.</param>
    /// <param name="inputSlopes">To be filled; empty when nobody asks.</param>
    /// <param name="parameterSlopes">To be added to.</param>
    /// <param name="rows">The number of rows.</param>
    /// <param name="scratch"><see cref="Scratch"/> numbers.</param>
    public abstract void Backward(
        ReadOnlySpan<float> parameters, ReadOnlySpan<float> input, ReadOnlySpan<float> output,
        Span<float> outputSlopes, Span<float> inputSlopes, Span<float> parameterSlopes, int rows, Span<float> scratch);

    /// <summary>Normal weights of variance <paramref name="gain"/> / inputs (He et al. 2015 for gain 2).</summary>
    protected static void FillNormal(Span<float> weights, int fanIn, double gain, SeededRandom random)
    {
        var deviation = Math.Sqrt(gain / fanIn);
        foreach (ref var weight in weights) weight = (float)(deviation * random.NextNormal());
    }
}
