using Gyre.Models.Export;
using Gyre.OnnxRuntime;
using Gyre.Primitives;
using Gyre.Tabular;

namespace Gyre.Models.Scoring;

/// <summary>
/// One input of a served model: what a table's column must be, and how its values become the input's.
/// </summary>
internal sealed class InputColumn
{
    private readonly ColumnDefinition _definition;

    /// <param name="definition">The raw column.</param>
    public InputColumn(ColumnDefinition definition)
    {
        _definition = definition;
        Kind = (TensorElementType)(int)RawColumns.InputKind(definition);
        (ToNumber, ToWhole, ToTruth) = (Number, Whole, Truth);
    }

    /// <summary><see cref="Number"/>, made a delegate once for all batches.</summary>
    public Func<Column, int, double> ToNumber { get; }

    /// <summary><see cref="Whole"/>, likewise.</summary>
    public Func<Column, int, long> ToWhole { get; }

    /// <summary><see cref="Truth"/>, likewise.</summary>
    public Func<Column, int, bool> ToTruth { get; }

    /// <summary>The element type of the input.</summary>
    public TensorElementType Kind { get; }

    /// <summary>The table's column.</summary>
    /// <exception cref="GyreException">It is absent.</exception>
    public Column Find(Table table) => table.TryGet(_definition.Name, out var column)
        ? column
        : throw GyreException.Invalid($"The model needs a column '{_definition.Name}', which is absent.");

    /// <summary>The table's column, looked for first where it usually stands.</summary>
    /// <exception cref="GyreException">It is absent.</exception>
    public Column Find(Table table, int position) =>
        position < table.Schema.Count && table.ColumnAt(position) is var column
        && ReferenceEquals(column.Name, _definition.Name)
            ? column
            : Find(table);

    /// <summary>A row's value of a double input; NaN where missing.</summary>
    public double Number(Column column, int row) => column switch
    {
        Column<double> numbers => numbers.Values[row],
        _ when column.IsMissing(row) => double.NaN,
        Column<long> whole when FitsWhole(column) => whole.Values[row],
        Column<bool> flags when _definition.Type != ColumnType.Timestamp => flags.Values[row] ? 1 : 0,
        _ => throw Misfit(column),
    };

    /// <summary>A row's value of an int64 input.</summary>
    public long Whole(Column column, int row)
    {
        RefuseMissing(column, row);
        return column switch
        {
            Column<long> whole when FitsWhole(column) => whole.Values[row],
            Column<double> numbers when numbers.Values[row] is var x && x == Math.Truncate(x)
                && Math.Abs(x) < 1L << 53 => (long)x,
            Column<bool> flags when _definition.Type == ColumnType.Integer => flags.Values[row] ? 1 : 0,
            _ => throw Misfit(column),
        };
    }

    /// <summary>Whether the column's memory is what an int64 input takes: whole numbers without a gap.</summary>
    public bool IsWhole(Column column) => column is Column<long> { MissingCount: 0 } && FitsWhole(column);

    /// <summary>A row's value of a bool input.</summary>
    public bool Truth(Column column, int row)
    {
        RefuseMissing(column, row);
        return column is Column<bool> flags ? flags.Values[row] : throw Misfit(column);
    }

    /// <summary>The column of a string input.</summary>
    public CategoricalColumn Text(Column column) => column as CategoricalColumn ?? throw Misfit(column);

    /// <summary>The size of an image input's images.</summary>
    public ImageShape? Image => _definition.Image;

    /// <summary>The column of an image input.</summary>
    public ImageColumn Images(Column column)
    {
        if (column is not ImageColumn images) throw Misfit(column);
        return images.Shape == _definition.Image
            ? images
            : throw GyreException.Invalid(
                $"The images of column '{_definition.Name}' are {images.Shape}; the model needs {_definition.Image}.");
    }

    private bool FitsWhole(Column column) =>
        (column.Type == ColumnType.Timestamp) == (_definition.Type == ColumnType.Timestamp);

    private void RefuseMissing(Column column, int row)
    {
        if (column.MissingCount > 0 && column.IsMissing(row))
        {
            throw GyreException.Invalid(
                $"Column '{_definition.Name}' has no value in row {row + 1}; in training every row had one.");
        }
    }

    private GyreException Misfit(Column column) =>
        GyreException.Invalid($"Column '{_definition.Name}' is {column.Type}; the model needs {_definition.Type} there.");
}
