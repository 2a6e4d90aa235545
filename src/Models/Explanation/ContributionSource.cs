using System.Collections.Immutable;
using Gyre.Models.Scoring;
using Gyre.Tabular;
using Gyre.Training;

namespace Gyre.Models.Explanation;

/// <summary>What finds contributions of columns: trees or a linear model. Thread-safe.</summary>
internal abstract class ContributionSource(ExplanationContent content)
{
    /// <summary>How they are found, for answers.</summary>
    public abstract string Method { get; }

    /// <summary>One per output.</summary>
    public abstract ImmutableArray<double> BaseValues { get; }

    /// <summary>The memory it takes, in bytes, roughly.</summary>
    public abstract long SizeBytes { get; }

    protected ImmutableArray<ExplainedPart> Parts => content.Parts;

    protected int Columns => content.Columns.Length;

    public static ContributionSource Of(ExplanationContent content) =>
        content.Linear is { } linear ? new LinearContributions(content, linear)
        : content.Trees is { } trees ? new TreeContributions(content, trees)
        : throw new ArgumentException("Neither trees nor a linear model.", nameof(content));

    /// <summary>The contributions, row-major, rows × outputs × columns.</summary>
    public abstract double[] Explain(
        GraphRows graph, ImmutableArray<InputColumn> inputs, Table rows, int threads,
        CancellationToken cancellationToken);
}

/// <summary>TreeSHAP, the features of a column summed.</summary>
/// <param name="content">The explanation file.</param>
/// <param name="trees">Its trees.</param>
/// <param name="mostNumbers">The contributions of features that are held at a time: texts have thousands of features.</param>
internal sealed class TreeContributions(ExplanationContent content, ExplainedTrees trees, int mostNumbers = 1 << 22)
    : ContributionSource(content)
{
    private readonly TreeExplainer _trees = new(trees);

    public override string Method => ExplanationExport.TreeShapMethod;

    public override ImmutableArray<double> BaseValues => _trees.BaseValues;

    public override long SizeBytes => _trees.SizeBytes;

    public override double[] Explain(
        GraphRows graph, ImmutableArray<InputColumn> inputs, Table rows, int threads,
        CancellationToken cancellationToken)
    {
        var perRow = BaseValues.Length * Math.Max(1, Parts.Length);
        var most = Math.Max(1, mostNumbers / perRow);
        var values = new double[rows.RowCount * BaseValues.Length * Columns];
        for (var start = 0; start < rows.RowCount; start += most)
        {
            var count = Math.Min(most, rows.RowCount - start);
            var some = count == rows.RowCount ? rows : rows.Take([.. Enumerable.Range(start, count)]);
            var features = FeaturesOf(graph, inputs, some, cancellationToken);
            Sum(_trees.Explain(features, count, threads, cancellationToken),
                values.AsSpan(start * BaseValues.Length * Columns, count * BaseValues.Length * Columns));
        }

        return values;
    }

    private float[][] FeaturesOf(
        GraphRows graph, ImmutableArray<InputColumn> inputs, Table rows, CancellationToken cancellationToken)
    {
        var features = new float[Parts.Length][];
        for (var f = 0; f < features.Length; f++) features[f] = new float[rows.RowCount];
        graph.Run<float>(inputs, rows, (start, count, matrix) =>
        {
            for (var f = 0; f < features.Length; f++)
            {
                for (var i = 0; i < count; i++) features[f][start + i] = matrix[(i * graph.Width) + Parts[f].Position];
            }
        }, cancellationToken);
        return features;
    }

    private void Sum(double[] byFeature, Span<double> byColumn)
    {
        for (var i = 0; i < byColumn.Length / Columns; i++)
        {
            for (var f = 0; f < Parts.Length; f++)
                byColumn[(i * Columns) + Parts[f].Column] += byFeature[(i * Parts.Length) + f];
        }
    }
}

/// <summary>Terms of linear scores less their means, those of a column summed.</summary>
internal sealed class LinearContributions : ContributionSource
{
    private readonly LinearTerms _terms;

    public LinearContributions(ExplanationContent content, LinearTerms terms)
        : base(content)
    {
        _terms = terms;
        var sums = terms.Start.ToArray();
        for (var p = 0; p < Parts.Length; p++) sums[p % sums.Length] += terms.Means[p];
        BaseValues = [.. sums];
    }

    public override string Method => ExplanationExport.LinearMethod;

    public override ImmutableArray<double> BaseValues { get; }

    public override long SizeBytes => 24L * Parts.Length;

    public override double[] Explain(
        GraphRows graph, ImmutableArray<InputColumn> inputs, Table rows, int threads,
        CancellationToken cancellationToken)
    {
        var outputs = BaseValues.Length;
        var values = new double[rows.RowCount * outputs * Columns];
        graph.Run<double>(inputs, rows, (start, count, matrix) =>
        {
            for (var i = 0; i < count; i++)
            {
                for (var p = 0; p < Parts.Length; p++)
                {
                    var at = ((((start + i) * outputs) + (p % outputs)) * Columns) + Parts[p].Column;
                    values[at] += matrix[(i * graph.Width) + Parts[p].Position] - _terms.Means[p];
                }
            }
        }, cancellationToken);
        return values;
    }
}
