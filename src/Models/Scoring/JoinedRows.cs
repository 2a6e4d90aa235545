using System.Collections.Immutable;
using System.Text;
using Gyre.OnnxRuntime;
using Gyre.Tabular;

namespace Gyre.Models.Scoring;

/// <summary>
/// Tensors over the rows of several tables. The memory behind them is used again and again, by one caller at a time.
/// </summary>
internal sealed class JoinedRows
{
    private const int SmallestCapacity = 16;

    private readonly ImmutableArray<InputColumn> _columns;
    private readonly Array?[] _values;
    private readonly Tensor[] _inputs;
    private readonly Tensor?[] _output = new Tensor?[1];
    private byte[] _text = GC.AllocateArray<byte>(1024, pinned: true);
    private nint[] _strings = [];
    private int[] _starts = [];

    public JoinedRows(ImmutableArray<InputColumn> columns)
    {
        _columns = columns;
        _values = new Array?[columns.Length];
        _inputs = new Tensor[columns.Length];
    }

    /// <summary>Predicts the rows of the tables, one table after the other.</summary>
    public void Run(InferenceSession session, ReadOnlySpan<Table> tables, Memory<float> outputs, int width)
    {
        var rows = 0;
        foreach (var table in tables) rows += table.RowCount;
        var made = 0;
        try
        {
            for (; made < _inputs.Length; made++) _inputs[made] = Create(made, tables, rows);
            using var output = Tensor.Over(outputs[..(rows * width)], rows, width);
            _output[0] = output;
            session.Run(_inputs, _output);
        }
        finally
        {
            for (var i = 0; i < made; i++) _inputs[i].Dispose();
        }
    }

    private Tensor Create(int index, ReadOnlySpan<Table> tables, int rows)
    {
        var input = _columns[index];
        return input.Kind switch
        {
            TensorElementType.Double => Gather(index, tables, rows, input.ToNumber),
            TensorElementType.Int64 => Gather(index, tables, rows, input.ToWhole),
            TensorElementType.Bool => Gather(index, tables, rows, input.ToTruth),
            _ => Strings(index, tables, rows),
        };
    }

    private Tensor Gather<T>(int index, ReadOnlySpan<Table> tables, int rows, Func<Column, int, T> value)
        where T : unmanaged
    {
        var values = Values<T>(index, rows);
        var at = 0;
        foreach (var table in tables)
        {
            var column = _columns[index].Find(table, index);
            for (var row = 0; row < table.RowCount; row++) values[at++] = value(column, row);
        }

        return Tensor.Over(values.AsMemory(0, rows), rows, 1);
    }

    private Tensor Strings(int index, ReadOnlySpan<Table> tables, int rows)
    {
        if (_strings.Length < rows) (_strings, _starts) = (new nint[Capacity(rows)], new int[Capacity(rows)]);
        var (length, at) = (0, 0);
        foreach (var table in tables)
        {
            var column = _columns[index].Text(_columns[index].Find(table, index));
            for (var row = 0; row < table.RowCount; row++)
            {
                _starts[at++] = length;
                length = Append(column.StringAt(row) ?? "", length);
            }
        }

        // The text may have moved while it grew: addresses are taken at its end.
        for (var i = 0; i < rows; i++)
            _strings[i] = System.Runtime.InteropServices.Marshal.UnsafeAddrOfPinnedArrayElement(_text, _starts[i]);
        var tensor = Tensor.Strings(rows, 1);
        try
        {
            tensor.SetStrings(_strings.AsSpan(0, rows));
            return tensor;
        }
        catch
        {
            tensor.Dispose();
            throw;
        }
    }

    private int Append(string value, int length)
    {
        var most = length + Encoding.UTF8.GetMaxByteCount(value.Length) + 1;
        if (most > _text.Length)
        {
            var larger = GC.AllocateArray<byte>(Math.Max(most, 2 * _text.Length), pinned: true);
            _text.AsSpan(0, length).CopyTo(larger);
            _text = larger;
        }

        length += Encoding.UTF8.GetBytes(value, _text.AsSpan(length));
        _text[length] = 0;
        return length + 1;
    }

    private T[] Values<T>(int index, int rows) where T : unmanaged
    {
        if (_values[index] is T[] values && values.Length >= rows) return values;
        var array = GC.AllocateArray<T>(Capacity(rows), pinned: true);
        _values[index] = array;
        return array;
    }

    private static int Capacity(int rows) =>
        Math.Max(SmallestCapacity, (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)rows));
}
