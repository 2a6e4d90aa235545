using Gyre.Tabular;

namespace Gyre.Serving.Requests;

/// <summary>What the shape of an input tensor says.</summary>
internal static class TensorShape
{
    private const int LongestShape = 8;

    /// <summary>How many elements a tensor of this shape has, at least 1; a scalar, with no length, has one.</summary>
    /// <exception cref="RequestRejectedException">
    /// A length is negative, one is 0, or their product is beyond 64 bits.
    /// </exception>
    public static long ElementsOf(string name, ReadOnlySpan<long> shape)
    {
        if (shape.Length > LongestShape) throw Reject(name, $"'shape' has more than {LongestShape} lengths");
        var elements = 1L;
        foreach (var length in shape)
        {
            if (length < 0) throw Reject(name, $"the shape {Describe(shape)} has a negative length");
            var product = Math.BigMul(elements, length, out elements);
            if (product != 0 || elements < 0) throw Reject(name, $"the shape {Describe(shape)} is too large");
        }

        if (elements > 0) return elements;
        throw RequestRejectedException.In(RejectionReason.NoRows, name, $"the shape {Describe(shape)} holds no element");
    }

    /// <summary>
    /// How many rows a tensor has that carries a column: [rows] or [rows, 1]; for images as numbers, [rows, height,
    /// width, channels].
    /// </summary>
    /// <exception cref="RequestRejectedException">The shape is another.</exception>
    public static int RowsOf(ColumnReader column, TensorDatatype datatype, ReadOnlySpan<long> shape)
    {
        // A tensor of BYTES holds an image's file, or the bytes of its pixels, as one element.
        var image = datatype.Kind is TensorKind.Bytes ? null : (column as ImageColumnReader)?.Shape;
        var fits = image is { } of ? IsOfImages(shape, of) : shape.Length == 1 || (shape.Length == 2 && shape[1] == 1);
        if (fits) return checked((int)shape[0]);
        var wanted = image is { } size
            ? $"[rows, {size.Height}, {size.Width}, {size.Channels}]"
            : "[rows] or [rows, 1]: one tensor per column";
        throw Reject(column.Name, $"the shape is {Describe(shape)}; it must be {wanted}");
    }

    /// <summary>The shape as text, such as <c>[2, 1]</c>.</summary>
    public static string Describe(ReadOnlySpan<long> shape) => $"[{string.Join(", ", shape.ToArray())}]";

    // Of grey images the last length, 1, may be left out.
    private static bool IsOfImages(ReadOnlySpan<long> shape, ImageShape size) =>
        shape.Length == (shape is [_, _, _] && size.Channels == 1 ? 3 : 4)
        && shape[1] == size.Height && shape[2] == size.Width && (shape.Length == 3 || shape[3] == size.Channels);

    private static RequestRejectedException Reject(string name, string problem) =>
        RequestRejectedException.In(RejectionReason.BadShape, name, problem);
}
