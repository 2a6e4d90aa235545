using Gyre.Numerics;

namespace Gyre.Training.Neural;

/// <summary>The rows that a network learns from, made into float32 numbers one at a time. Thread-safe.</summary>
internal abstract class InputRows(int rows, int width)
{
    public int Rows => rows;

    public int Width => width;

    /// <summary>Fills a row's numbers.</summary>
    /// <param name="row">The row.</param>
    /// <param name="target">As long as <see cref="Width"/>.</param>
    /// <param name="chance">For random changes of a training row; null leaves it as it is.</param>
    public abstract void Fill(int row, Span<float> target, SeededRandom? chance);
}

/// <summary>Standardised numbers and one-hot categories.</summary>
internal sealed class TabularRows(DesignMatrix design) : InputRows(design.Rows, design.Width)
{
    public override void Fill(int row, Span<float> target, SeededRandom? chance)
    {
        target.Clear();
        var positions = design.DensePositions;
        var dense = design.Dense(row);
        for (var j = 0; j < dense.Length; j++) target[positions[j]] = dense[j];
        foreach (var position in design.Hot(row)) target[position] = 1;
    }
}
