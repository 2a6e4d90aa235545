using Gyre.Primitives;

namespace Gyre.Tabular;

/// <summary>
/// The seam of image formats: bytes of a file become pixels. Today PNG, read by our own <see cref="PngImage"/>; another
/// format, or a package, takes its place here.
/// </summary>
public static class ImageFile
{
    /// <summary>Whether the bytes begin as a format that <see cref="Decode"/> reads.</summary>
    public static bool IsKnown(ReadOnlySpan<byte> file) => PngImage.HasSignature(file);

    /// <summary>The size that a file says it has, with the channels that it stores.</summary>
    /// <exception cref="GyreException">It is no image, or damaged; the message does not name the file.</exception>
    public static ImageShape Measure(ReadOnlySpan<byte> file) => PngImage.Open(file).Shape;

    /// <summary>
    /// The pixels of a file, row-major, height × width × channels. Channels are converted: colours to grey by their
    /// luma (ITU-R BT.601), grey to three equal colours; alpha is dropped or full.
    /// </summary>
    /// <param name="file">The whole file.</param>
    /// <param name="shape">The size it must have, and the channels wanted.</param>
    /// <exception cref="GyreException">
    /// It is no image, damaged, or of another height or width; the message does not name the file.
    /// </exception>
    public static byte[] Decode(ReadOnlySpan<byte> file, ImageShape shape)
    {
        var image = PngImage.Open(file);
        if (image.Shape.Height != shape.Height || image.Shape.Width != shape.Width)
        {
            throw GyreException.Invalid(
                $"the image is {image.Shape.Height}x{image.Shape.Width}; {shape.Height}x{shape.Width} is needed");
        }

        return ToChannels(image.Decode(file), image.Shape.Channels, shape.Channels);
    }

    private static byte[] ToChannels(byte[] pixels, int from, int to)
    {
        if (from == to) return pixels;
        var count = pixels.Length / from;
        var result = new byte[count * to];
        for (var i = 0; i < count; i++)
        {
            var source = pixels.AsSpan(i * from, from);
            var target = result.AsSpan(i * to, to);
            var alpha = from is 2 or 4 ? source[^1] : (byte)255;
            if (to >= 3)
            {
                if (from >= 3) source[..3].CopyTo(target);
                else target[..3].Fill(source[0]);
            }
            else
            {
                target[0] = from >= 3 ? Luma(source) : source[0];
            }

            if (to is 2 or 4) target[^1] = alpha;
        }

        return result;
    }

    private static byte Luma(ReadOnlySpan<byte> rgb) =>
        (byte)(((rgb[0] * 19595) + (rgb[1] * 38470) + (rgb[2] * 7471) + 0x8000) >> 16);
}
