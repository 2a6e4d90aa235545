using System.Collections.Immutable;
using Gyre.Primitives;
using Gyre.Tabular;

namespace Gyre.Training;

/// <summary>
/// Makes numbers of images by a model that is not trained any more. Training knows no engine that could run one: whoever
/// does hands it in. Thread-safe; the same image gives the same numbers.
/// </summary>
public interface IFeatureExtractor
{
    /// <summary>The numbers of every image, row-major, rows × as many as the model gives.</summary>
    /// <exception cref="GyreException">The model cannot be run on such images.</exception>
    double[] Extract(ImageColumn images);
}

/// <summary>The numbers that a frozen model gives for an image column, which takes no further part.</summary>
/// <param name="Name">Number k becomes the numeric column <c>name_k</c>, counted from 1.</param>
/// <param name="Column">The image column.</param>
/// <param name="Count">How many numbers there are.</param>
/// <param name="Extractor">The frozen model.</param>
public sealed record FrozenFeatures(string Name, string Column, int Count, IFeatureExtractor Extractor)
    : Transform(Name, [])
{
    /// <summary>The column of number <paramref name="k"/>, counted from 0.</summary>
    public string ColumnName(int k) => $"{Name}_{k + 1}";

    /// <inheritdoc/>
    public override ImmutableArray<Column> Apply(Table table)
    {
        var numbers = Extractor.Extract(Images(Name, Column, table));
        var columns = ImmutableArray.CreateBuilder<Column>(Count);
        for (var k = 0; k < Count; k++)
        {
            var values = new double[table.RowCount];
            for (var row = 0; row < values.Length; row++) values[row] = numbers[(row * Count) + k];
            columns.Add(new Column<double>(ColumnName(k), ColumnType.Numeric, values));
        }

        return columns.MoveToImmutable();
    }

    internal static FrozenFeatures Fit(string name, string column, IFeatureExtractor extractor, Table rows) =>
        new(name, column, extractor.Extract((ImageColumn)Images(name, column, rows).Take([0])).Length, extractor);

    private static ImageColumn Images(string name, string column, Table table) =>
        table.TryGet(column, out var found) && found is ImageColumn images
            ? images
            : throw GyreException.Invalid($"Transform '{name}': there is no image column '{column}'.");
}
