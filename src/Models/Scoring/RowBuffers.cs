using System.Collections.Immutable;
using Gyre.OnnxRuntime;
using Gyre.Tabular;

namespace Gyre.Models.Scoring;

/// <summary>Tensors for one row, made once and used again and again by one caller at a time.</summary>
internal sealed class RowBuffers : IDisposable
{
    private readonly ImmutableArray<InputColumn> _columns;
    private readonly Array?[] _values;
    private readonly Tensor[] _inputs;
    private readonly Tensor?[] _outputs = new Tensor?[1];
    private readonly float[] _result;

    public RowBuffers(ImmutableArray<InputColumn> columns, int width)
    {
        _columns = columns;
        _values = new Array?[columns.Length];
        _inputs = new Tensor[columns.Length];
        for (var i = 0; i < columns.Length; i++) _inputs[i] = Create(columns[i], out _values[i]);
        _result = GC.AllocateArray<float>(width, pinned: true);
        _outputs[0] = Tensor.Over<float>(_result, 1, width);
    }

    /// <summary>The outputs of the row, valid until the next call.</summary>
    public ReadOnlySpan<float> Run(InferenceSession session, Table table, int row)
    {
        for (var i = 0; i < _columns.Length; i++)
        {
            var input = _columns[i];
            var column = input.Find(table, i);
            switch (_values[i])
            {
                case double[] numbers: numbers[0] = input.Number(column, row); break;
                case long[] whole: whole[0] = input.Whole(column, row); break;
                case byte[] pixels: input.Images(column).Image(row).CopyTo(pixels); break;
                case bool[] truth: truth[0] = input.Truth(column, row); break;
                default: _inputs[i].SetString(0, input.Text(column).StringAt(row) ?? ""); break;
            }
        }

        session.Run(_inputs, _outputs);
        return _result;
    }

    public void Dispose()
    {
        foreach (var input in _inputs) input.Dispose();
        _outputs[0]?.Dispose();
    }

    private static Tensor Create(InputColumn column, out Array? values)
    {
        if (column.Image is { } image)
        {
            var pixels = GC.AllocateArray<byte>(image.Size, pinned: true);
            values = pixels;
            return Tensor.Over<byte>(pixels, 1, image.Height, image.Width, image.Channels);
        }

        switch (column.Kind)
        {
            case TensorElementType.Double: return Over<double>(out values);
            case TensorElementType.Int64: return Over<long>(out values);
            case TensorElementType.Bool: return Over<bool>(out values);
            default:
                values = null;
                return Tensor.Strings(1, 1);
        }
    }

    private static Tensor Over<T>(out Array values) where T : unmanaged
    {
        var array = GC.AllocateArray<T>(1, pinned: true);
        values = array;
        return Tensor.Over<T>(array, 1, 1);
    }
}
