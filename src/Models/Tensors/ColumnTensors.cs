using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Gyre.Primitives;
using Gyre.Tabular;

namespace Gyre.Models;

/// <summary>
/// Fills a graph's inputs from columns, as MLflow's <c>onnx</c> flavor does with a data frame: each input from the
/// column of its name, or the only input, [rows, columns], from all of them. Immutable, thread-safe.
/// </summary>
internal sealed class ColumnTensors
{
    private readonly ImmutableArray<TensorSpec> _inputs;
    private readonly bool _isStacked;

    /// <summary>Matches columns with inputs.</summary>
    /// <exception cref="GyreException">They do not fit each other.</exception>
    public ColumnTensors(Schema schema, ImmutableArray<TensorSpec> inputs, string place)
    {
        (Schema, _inputs) = (schema, inputs);
        var named = inputs.Length == schema.Count
            && inputs.All(input => schema.Contains(input.Name) && IsOfOneColumn(input.Shape));
        if (named) return;
        _isStacked = inputs is [{ Shape: [_, var width], Type: not TensorType.Text }] && (width < 0 || width == schema.Count)
            && schema.All(column => column.Type is not ColumnType.Categorical);
        if (_isStacked) return;
        throw GyreException.Invalid(
            $"{place}: the signature's {schema.Count} columns are neither named as the graph's inputs nor what its only input is made of.");
    }

    /// <summary>The columns.</summary>
    public Schema Schema { get; }

    /// <summary>The tensors of some rows.</summary>
    /// <exception cref="GyreException">A value does not fit the input's type.</exception>
    public TensorValue[] Fill(Table rows)
    {
        if (_isStacked)
            return [Numbers(_inputs[0], [rows.RowCount, Schema.Count], [.. Schema.Select(column => rows[column.Name])])];
        return [.. _inputs.Select(input => One(input, rows[input.Name]))];
    }

    private static bool IsOfOneColumn(ImmutableArray<long> shape) => shape is [_] or [_, -1 or 1];

    private static TensorValue One(TensorSpec input, Column column)
    {
        ImmutableArray<long> shape = input.Shape.Length == 1 ? [column.Length] : [column.Length, 1];
        if (input.Type is not TensorType.Text) return Numbers(input, shape, [column]);
        var texts = column as CategoricalColumn ?? throw Misfit(input, column);
        var values = new string[column.Length];
        for (var row = 0; row < values.Length; row++) values[row] = texts.StringAt(row) ?? "";
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
            case TensorType.Float32: BinaryPrimitives.WriteSingleLittleEndian(element, (float)Number(input, column, row)); break;
            case TensorType.Float64: BinaryPrimitives.WriteDoubleLittleEndian(element, Number(input, column, row)); break;
            case TensorType.Float16: BinaryPrimitives.WriteHalfLittleEndian(element, (Half)Number(input, column, row)); break;
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
            throw GyreException.Invalid($"Column '{column.Name}', row {row}: the value is no {input.Type}, which the model takes.");
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
