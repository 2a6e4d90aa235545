using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Gyre.OnnxRuntime;
using Gyre.Tabular;

namespace Gyre.Models.Scoring;

/// <summary>Tensors over a range of a table's rows. Columns that are what the input takes are not copied.</summary>
internal static class BatchInputs
{
    /// <summary>One tensor per input, which the caller disposes.</summary>
    public static Tensor[] Create(ImmutableArray<InputColumn> columns, Table table, int start, int count)
    {
        var tensors = new Tensor[columns.Length];
        var done = 0;
        try
        {
            for (; done < tensors.Length; done++) tensors[done] = Create(columns[done], table, start, count);
            return tensors;
        }
        catch
        {
            for (var i = 0; i < done; i++) tensors[i].Dispose();
            throw;
        }
    }

    private static Tensor Create(InputColumn input, Table table, int start, int count)
    {
        var column = input.Find(table);
        return input.Kind switch
        {
            TensorElementType.Double when column is Column<double> numbers => Over(numbers.Memory.Slice(start, count)),
            TensorElementType.Double => Over<double>(Fill(start, count, row => input.Number(column, row))),
            TensorElementType.Int64 when input.IsWhole(column) => Over(((Column<long>)column).Memory.Slice(start, count)),
            TensorElementType.Int64 => Over<long>(Fill(start, count, row => input.Whole(column, row))),
            TensorElementType.Bool => Over<bool>(Fill(start, count, row => input.Truth(column, row))),
            TensorElementType.UInt8 => Images(input.Images(column), start, count),
            _ => Strings(input.Text(column), start, count),
        };
    }

    private static Tensor Over<T>(ReadOnlyMemory<T> values) where T : unmanaged =>
        Tensor.Over(MemoryMarshal.AsMemory(values), values.Length, 1); // an input: the engine only reads it

    private static Tensor Images(ImageColumn column, int start, int count)
    {
        var shape = column.Shape;
        var pixels = MemoryMarshal.AsMemory(column.Memory.Slice(start * shape.Size, count * shape.Size));
        return Tensor.Over(pixels, count, shape.Height, shape.Width, shape.Channels);
    }

    private static Tensor Strings(CategoricalColumn column, int start, int count) =>
        Tensor.OfStrings(column.Codes.Slice(start, count), column.Categories, count, 1);

    private static T[] Fill<T>(int start, int count, Func<int, T> value)
    {
        var values = new T[count];
        for (var i = 0; i < count; i++) values[i] = value(start + i);
        return values;
    }
}
