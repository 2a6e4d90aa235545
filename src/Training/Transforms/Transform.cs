using System.Collections.Immutable;
using Gyre.Tabular;

namespace Gyre.Training;

/// <summary>
/// Columns computed from numeric ones by something that was learnt from training rows: <see cref="PrincipalComponents"/>
/// or <see cref="Clusters"/>; or of images by a model trained elsewhere, <see cref="FrozenFeatures"/>. Its inputs are standardised, missing values being the median. Immutable, thread-safe.
/// </summary>
/// <param name="Name">The column it adds, or the beginning of their names.</param>
/// <param name="Inputs">How each input column is imputed and standardised.</param>
public abstract record Transform(string Name, ImmutableArray<NumericLinearFeature> Inputs)
{
    /// <summary>The columns that it adds for a table's rows.</summary>
    /// <exception cref="Primitives.GyreException">An input column is absent or of another kind.</exception>
    public abstract ImmutableArray<Column> Apply(Table table);

    /// <summary>The standardised inputs, row-major, rows × inputs.</summary>
    internal float[] Standardize(Table table)
    {
        var width = Inputs.Length;
        var rows = new float[table.RowCount * width];
        for (var j = 0; j < width; j++)
        {
            var values = FeatureEncoding.Numbers(FeatureEncoding.Find(table, Inputs[j].Name));
            for (var i = 0; i < values.Length; i++) rows[(i * width) + j] = Inputs[j].Standardize(values[i]);
        }

        return rows;
    }
}

/// <summary>
/// The directions in which standardised columns vary most (Pearson 1901): component k of a row is
/// Σ loading[k, j] × input j, summed in float64.
/// </summary>
/// <param name="Name">Component k becomes the numeric column <c>name_k</c>, counted from 1.</param>
/// <param name="Inputs">How each input column is imputed and standardised.</param>
/// <param name="Loadings">Row-major, components × inputs; each row of unit length.</param>
/// <param name="ExplainedShare">Of the inputs' whole variance, the share of each component, largest first.</param>
public sealed record PrincipalComponents(
    string Name, ImmutableArray<NumericLinearFeature> Inputs, ImmutableArray<float> Loadings, ImmutableArray<double> ExplainedShare)
    : Transform(Name, Inputs)
{
    /// <summary>The number of components.</summary>
    public int Count => ExplainedShare.Length;

    /// <summary>The column of component <paramref name="k"/>, counted from 0.</summary>
    public string ColumnName(int k) => $"{Name}_{k + 1}";

    /// <inheritdoc/>
    public override ImmutableArray<Column> Apply(Table table)
    {
        var inputs = Standardize(table);
        var columns = ImmutableArray.CreateBuilder<Column>(Count);
        for (var k = 0; k < Count; k++)
        {
            var loadings = Loadings.AsSpan().Slice(k * Inputs.Length, Inputs.Length);
            var values = new double[table.RowCount];
            for (var i = 0; i < values.Length; i++) values[i] = Dot(loadings, inputs.AsSpan(i * Inputs.Length, Inputs.Length));
            columns.Add(new Column<double>(ColumnName(k), ColumnType.Numeric, values));
        }

        return columns.MoveToImmutable();
    }

    internal static double Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        var sum = 0.0;
        for (var j = 0; j < a.Length; j++) sum += (double)a[j] * b[j];
        return sum;
    }
}

/// <summary>
/// The nearest of some centres (k-means), by Euclidean distance between standardised columns; the first of equally near
/// ones.
/// </summary>
/// <param name="Name">
/// A categorical column of that name holds the nearest centre: <c>c1</c>, <c>c2</c>, …; with
/// <paramref name="Distances"/>, numeric columns <c>name_1</c>, … hold the distance to each.
/// </param>
/// <param name="Inputs">How each input column is imputed and standardised.</param>
/// <param name="Centers">Row-major, centres × inputs, standardised.</param>
/// <param name="Distances">Whether the distances become columns instead of the nearest centre's name.</param>
public sealed record Clusters(
    string Name, ImmutableArray<NumericLinearFeature> Inputs, ImmutableArray<float> Centers, bool Distances)
    : Transform(Name, Inputs)
{
    /// <summary>The number of centres.</summary>
    public int Count => Centers.Length / Inputs.Length;

    /// <summary>The categories, in the order of the centres.</summary>
    public ImmutableArray<string> CenterNames => [.. Enumerable.Range(1, Count).Select(i => $"c{i}")];

    /// <summary>‖c‖² of each centre, in float64: what a graph needs beside the centres.</summary>
    public double[] SquaredLengths()
    {
        var lengths = new double[Count];
        for (var c = 0; c < lengths.Length; c++) lengths[c] = PrincipalComponents.Dot(Center(c), Center(c));
        return lengths;
    }

    /// <inheritdoc/>
    public override ImmutableArray<Column> Apply(Table table)
    {
        var inputs = Standardize(table);
        var lengths = SquaredLengths();
        var codes = new int[Distances ? 0 : table.RowCount];
        var distances = Array.ConvertAll(new int[Distances ? Count : 0], _ => new double[table.RowCount]);
        for (var i = 0; i < table.RowCount; i++)
        {
            var row = inputs.AsSpan(i * Inputs.Length, Inputs.Length);
            if (!Distances)
            {
                codes[i] = Nearest(row, lengths);
                continue;
            }

            var own = PrincipalComponents.Dot(row, row);
            for (var c = 0; c < Count; c++) distances[c][i] = Math.Sqrt(Math.Max(0, own + Offset(row, c, lengths)));
        }

        return Distances
            ? [.. distances.Select((values, c) => new Column<double>($"{Name}_{c + 1}", ColumnType.Numeric, values))]
            : [new CategoricalColumn(Name, ColumnType.Categorical, codes, [.. CenterNames])];
    }

    // ‖x − c‖² less ‖x‖², which is the same for all centres.
    private double Offset(ReadOnlySpan<float> row, int center, double[] lengths) =>
        lengths[center] - (2 * PrincipalComponents.Dot(Center(center), row));

    private int Nearest(ReadOnlySpan<float> row, double[] lengths)
    {
        var (best, least) = (0, double.PositiveInfinity);
        for (var c = 0; c < lengths.Length; c++)
        {
            var offset = Offset(row, c, lengths);
            if (offset < least) (best, least) = (c, offset);
        }

        return best;
    }

    private ReadOnlySpan<float> Center(int c) => Centers.AsSpan().Slice(c * Inputs.Length, Inputs.Length);
}
