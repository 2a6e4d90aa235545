using System.Numerics;

namespace Gyre.Numerics;

/// <summary>
/// One step of Adam with decoupled weight decay (Kingma and Ba, "Adam", 2015; Loshchilov and Hutter, "Decoupled weight
/// decay regularization", 2019): m ← β₁m + (1 − β₁)g, v ← β₂v + (1 − β₂)g², w ← w − η (m̂ / (√v̂ + ε) + decay · w) with
/// m̂ = m / (1 − β₁ᵗ) and v̂ = v / (1 − β₂ᵗ); β₁ = 0.9, β₂ = 0.999, ε = 1e-8.
/// </summary>
public static class AdamStep
{
    private const float Beta1 = 0.9f;
    private const float Beta2 = 0.999f;
    private const float Epsilon = 1e-8f;

    /// <summary>Applies a step in place. All spans have one length.</summary>
    /// <param name="weights">The parameters w.</param>
    /// <param name="gradient">The loss's derivatives g.</param>
    /// <param name="first">The mean m, 0 at first.</param>
    /// <param name="second">The mean square v, 0 at first.</param>
    /// <param name="step">The number t of this step, from 1.</param>
    /// <param name="rate">η.</param>
    /// <param name="decay">The share of a weight that η = 1 would take away; 0 for biases.</param>
    public static void Apply(
        Span<float> weights, ReadOnlySpan<float> gradient, Span<float> first, Span<float> second, int step, double rate,
        double decay)
    {
        var scale = (float)(rate / (1 - Math.Pow(Beta1, step)));
        var root = (float)(1 / Math.Sqrt(1 - Math.Pow(Beta2, step)));
        var kept = (float)(1 - (rate * decay));
        var i = 0;
        var lanes = Vector<float>.Count;
        for (; i <= weights.Length - lanes; i += lanes)
        {
            var g = new Vector<float>(gradient[i..]);
            var m = (new Vector<float>(first[i..]) * Beta1) + (g * (1 - Beta1));
            var v = (new Vector<float>(second[i..]) * Beta2) + (g * g * (1 - Beta2));
            m.CopyTo(first[i..]);
            v.CopyTo(second[i..]);
            var change = m * scale / ((Vector.SquareRoot(v) * root) + new Vector<float>(Epsilon));
            ((new Vector<float>(weights[i..]) * kept) - change).CopyTo(weights[i..]);
        }

        for (; i < weights.Length; i++)
        {
            var g = gradient[i];
            first[i] = (first[i] * Beta1) + (g * (1 - Beta1));
            second[i] = (second[i] * Beta2) + (g * g * (1 - Beta2));
            var change = first[i] * scale / ((MathF.Sqrt(second[i]) * root) + Epsilon);
            weights[i] = (weights[i] * kept) - change;
        }
    }
}
