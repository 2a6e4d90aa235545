using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Gyre.Primitives;
using Gyre.Tabular;

namespace Gyre.Models;

/// <summary>
/// Fills a graph's inputs from columns, as MLflow's <c>onnx</c> flavor does with a data frame: the only input,
/// [rows, columns], from all of them side by side; each of several from the column of its name. Immutable, thread-safe.
/// </summary>
internal sealed class ColumnTensors
{
    private const int ShownNames = 10;

    private readonly ImmutableArray<TensorSpec> _inputs;
    private readonly ImmutableArray<string> _sources;

    /// <summary>Matches columns with inputs.</summary>
    /// <exception cref="GyreException">They do not fit each other.</exception>
    public ColumnTensors(Schema schema, ImmutableArray<TensorSpec> inputs, string place)
    {
        (Schema, _inputs) = (schema, inputs);
        if (inputs is [var only])
        {
            if (IsStackOf(schema, only)) _sources = [];
            else if (IsOfOneColumn(only.Shape) && schema.Contains(only.Name)) _sources = [only.Name];
            else if (IsOfOneColumn(only.Shape) && schema.Count == 1) _sources = [schema[0].Name];
        }
        else if (inputs.All(input => schema.Contains(input.Name) && IsOfOneColumn(input.Shape)))
            _sources = [.. inputs.Select(input => input.Name)];

        if (_sources.IsDefault) throw Mismatch(schema, inputs, place);
        if (_sources.IsEmpty) return;
        foreach (var (input, source) in inputs.Zip(_sources))
        {
            if ((input.Type is TensorType.Text) != (schema[source].Type is ColumnType.Categorical))
            {
                throw GyreException.Invalid(
                    $"{place}: column '{source}' of the signature is {schema[source].Type}, the graph takes {input.Type}.");
            }
        }
    }

    /// <summary>The columns.</summary>
    public Schema Schema { get; }

    /// <summary>The tensors of some rows.</summary>
    /// <exception cref="GyreException">A value does not fit the input's type.</exception>
    public TensorValue[] Fill(Table rows)
    {
        if (!_sources.IsEmpty) return [.. _inputs.Zip(_sources, (input, source) => One(input, rows[source]))];
        ImmutableArray<long> shape = [rows.RowCount, Schema.Count];
        Column[] columns = [.. Schema.Select(column => rows[column.Name])];
        return [_inputs[0].Type is TensorType.Text ? Texts(_inputs[0], shape, columns) : Numbers(_inputs[0], shape, columns)];
    }

    private static GyreException Mismatch(Schema schema, ImmutableArray<TensorSpec> inputs, string place)
    {
        var columns = string.Join(", ", schema.Take(ShownNames).Select(column => $"'{column.Name}'"));
        var tensors = inputs.Take(ShownNames).Select(input => $"'{input.Name}' [{string.Join(", ", input.Shape)}]");
        return GyreException.Invalid(
            $"{place}: the signature's {schema.Count} columns ({columns}) are neither named as the graph's inputs "
            + $"({string.Join(", ", tensors)}) nor what its only input is made of.");
    }

    private static bool IsStackOf(Schema schema, TensorSpec input) => input.Shape is [_, var width]
        && (width < 0 || width == schema.Count)
        && schema.All(column => (column.Type is ColumnType.Categorical) == (input.Type is TensorType.Text));

    private static bool IsOfOneColumn(ImmutableArray<long> shape) => shape is [_] or [_, -1 or 1];

    private static TensorValue One(TensorSpec input, Column column)
    {
        ImmutableArray<long> shape = input.Shape.Length == 1 ? [column.Length] : [column.Length, 1];
        return input.Type is TensorType.Text ? Texts(input, shape, [column]) : Numbers(input, shape, [column]);
    }

    private static TensorValue Texts(TensorSpec input, ImmutableArray<long> shape, Column[] columns)
    {
        var values = new string[columns[0].Length * columns.Length];
        for (var c = 0; c < columns.Length; c++)
        {
            var texts = columns[c] as CategoricalColumn ?? throw Misfit(input, columns[c]);
            for (var row = 0; row < texts.Length; row++) values[row * columns.Length + c] = texts.StringAt(row) ?? "";
        }

        return new TensorValue(shape, values);
    }

    private static TensorValue Numbers(TensorSpec input, ImmutableArray<long> shape, Column[] columns)
    {
        var size = TensorValue.SizeOf(input.Type);
        var rows = columns[0].Length;
        var bytes = new byte[(long)rows * columns.Length * size];
        for (var c = 0; c < columns.Length; c++)
        {
            for (var row = 0; row < rows; row++)
                Write(bytes.AsSpan((row * columns.Length + c) * size, size), input, columns[c], row);
        }

        return new TensorValue(input.Type, shape, bytes);
    }

    private static void Write(Span<byte> element, TensorSpec input, Column column, int row)
    {
        switch (input.Type)
        {
            case TensorType.Float32:
                BinaryPrimitives.WriteSingleLittleEndian(element, (float)Number(input, column, row));
                break;
            case TensorType.Float64:
                BinaryPrimitives.WriteDoubleLittleEndian(element, Number(input, column, row));
                break;
            case TensorType.Float16:
                BinaryPrimitives.WriteHalfLittleEndian(element, (Half)Number(input, column, row));
                break;
            case TensorType.BFloat16:
                // Half a unit is added before the lower half is cut off; ties go up.
                var bits = BitConverter.SingleToUInt32Bits((float)Number(input, column, row));
                BinaryPrimitives.WriteUInt16LittleEndian(element, (ushort)((bits + 0x8000) >> 16));
                break;
            default: WriteWhole(element, input, column, row); break;
        }
    }

    private static void WriteWhole(Span<byte> element, TensorSpec input, Column column, int row)
    {
        var value = Number(input, column, row);
        var whole = column is Column<long> longs ? longs.Values[row] : (long)value;
        var (least, greatest) = input.Type switch
        {
            TensorType.Bool => (0L, 1L),
            TensorType.UInt8 => (0, byte.MaxValue),
            TensorType.UInt16 => (0, ushort.MaxValue),
            TensorType.UInt32 => (0, uint.MaxValue),
            TensorType.UInt64 => (0, long.MaxValue),
            TensorType.Int8 => (sbyte.MinValue, sbyte.MaxValue),
            TensorType.Int16 => (short.MinValue, short.MaxValue),
            TensorType.Int32 => (int.MinValue, int.MaxValue),
            _ => (long.MinValue, long.MaxValue),
        };
        if (whole < least || whole > greatest || double.IsNaN(value) || (column is Column<double> && whole != value))
        {
            throw GyreException.Invalid(
                $"Column '{column.Name}', row {row}: the value is no {input.Type}, which the model takes.");
        }

        MemoryMarshal.AsBytes(new ReadOnlySpan<long>(in whole))[..element.Length].CopyTo(element);
    }

    private static double Number(TensorSpec input, Column column, int row) => column switch
    {
        _ when column.IsMissing(row) => double.NaN,
        Column<double> numbers => numbers.Values[row],
        Column<long> whole => whole.Values[row],
        Column<bool> flags => flags.Values[row] ? 1 : 0,
        _ => throw Misfit(input, column),
    };

    private static GyreException Misfit(TensorSpec input, Column column) => GyreException.Invalid(
        $"Column '{column.Name}' is {column.Type}; the model takes {input.Type} there.");
}
