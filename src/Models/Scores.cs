using System.Collections.Immutable;
using Gyre.Training;

namespace Gyre.Models;

/// <summary>What a served model says about rows. Immutable, thread-safe.</summary>
public sealed class Scores
{
    internal Scores(Predictions predictions, ImmutableArray<string> classes, float[] outputs, int width) =>
        (Predictions, Classes, Outputs, Width) = (predictions, classes, outputs, width);

    internal Scores(Recommendations lists, Predictions predictions)
    {
        (Recommendations, Predictions, Classes, Width) = (lists, predictions, [], 1);
        (Items, ItemScores, Outputs) = (lists.Items.ToArray(), lists.Scores.ToArray(), lists.Ratings.ToArray());
    }

    /// <summary>Of a recommender, the lists; null for other models.</summary>
    public Recommendations? Recommendations { get; }

    /// <summary>Of a recommender, the recommended items, row-major, rows × top: best first, empty where none is left; else
    /// empty.</summary>
    public ReadOnlyMemory<string> Items { get; }

    /// <summary>The scores of <see cref="Items"/>; the lowest number where none is left.</summary>
    public ReadOnlyMemory<float> ItemScores { get; }

    /// <summary>The values or probabilities, in the form that trainers give them.</summary>
    public Predictions Predictions { get; }

    /// <summary>The class names in the order of <see cref="ProbabilitiesAt"/>; empty for regression.</summary>
    public ImmutableArray<string> Classes { get; }

    /// <summary>
    /// What the model returned, row-major: one value per row of a regression, one probability per row and class of a
    /// classifier, one predicted rating per row of a recommender that predicts them.
    /// </summary>
    public ReadOnlyMemory<float> Outputs { get; }

    private int Width { get; }

    /// <summary>The predicted class of a row, as in the graph's `label` output.</summary>
    /// <exception cref="InvalidOperationException">The task is regression.</exception>
    public string LabelAt(int row) => Classes.IsEmpty
        ? throw new InvalidOperationException("A regression has no labels.")
        : Classes[Predictions.ClassAt(row)];

    /// <summary>The probability of every class of a row, also of both of a binary task; sums to 1.</summary>
    /// <exception cref="InvalidOperationException">The task is regression.</exception>
    public ReadOnlySpan<float> ProbabilitiesAt(int row) => Classes.IsEmpty
        ? throw new InvalidOperationException("A regression has no probabilities.")
        : Outputs.Span.Slice(row * Width, Width);
}
