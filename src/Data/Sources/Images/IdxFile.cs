using System.Buffers.Binary;
using Gyre.Primitives;
using Gyre.Tabular;

namespace Gyre.Data.Sources;

/// <summary>
/// IDX files, as MNIST is published: two zero bytes, the element type (8: bytes), the number of dimensions, each
/// dimension as a big-endian int32, then the bytes. Read as a stream: nothing is allocated for what a header only claims.
/// </summary>
internal static class IdxFile
{
    private const byte Bytes = 8;

    /// <summary>The images, one after the other, in one array that is filled again and again.</summary>
    /// <param name="file">The file, plain or gzip.</param>
    /// <param name="start">Told the size and number first.</param>
    /// <param name="image">Told each image's bytes.</param>
    /// <exception cref="GyreException">It is no IDX file of images, or truncated.</exception>
    public static void ReadImages(SourceFile file, Action<ImageShape, int> start, Action<byte[]> image)
    {
        Read(file, stream =>
        {
            var dimensions = Header(file, stream, 3, 4);
            var shape = new ImageShape(dimensions[1], dimensions[2], dimensions.Length == 4 ? dimensions[3] : 1);
            if (!shape.IsValid)
                throw GyreException.Invalid($"{file.Path}: images of {shape} are not supported: at most 1 MiB of pixels");
            start(shape, dimensions[0]);
            var pixels = new byte[shape.Size];
            for (var i = 0; i < dimensions[0]; i++)
            {
                Fill(file, stream, pixels, $"image {i + 1} of {dimensions[0]}");
                image(pixels);
            }
        });
    }

    /// <summary>The labels of a file, one byte each.</summary>
    /// <exception cref="GyreException">It is no IDX file of labels, or truncated.</exception>
    public static byte[] ReadLabels(SourceFile file)
    {
        var labels = new List<byte>();
        Read(file, stream =>
        {
            var count = Header(file, stream, 1, 1)[0];
            var part = new byte[1];
            for (var i = 0; i < count; i++)
            {
                Fill(file, stream, part, $"label {i + 1} of {count}");
                labels.Add(part[0]);
            }
        });
        return [.. labels];
    }

    private static void Read(SourceFile file, Action<Stream> read)
    {
        try
        {
            using var stream = new BufferedStream(file.OpenText(), 1 << 16);
            read(stream);
        }
        catch (InvalidDataException error)
        {
            throw GzipCheck.Damaged(file, error);
        }
    }

    private static int[] Header(SourceFile file, Stream stream, int fewest, int most)
    {
        var magic = new byte[4];
        Fill(file, stream, magic, "the header");
        if (magic[0] != 0 || magic[1] != 0 || magic[2] != Bytes || magic[3] < fewest || magic[3] > most)
        {
            throw GyreException.Invalid(
                $"{file.Path}: is no IDX file of {(most == 1 ? "labels" : "images")} (it begins {Convert.ToHexString(magic)})");
        }

        var dimensions = new int[magic[3]];
        for (var i = 0; i < dimensions.Length; i++)
        {
            Fill(file, stream, magic, "the header");
            dimensions[i] = BinaryPrimitives.ReadInt32BigEndian(magic);
            if (dimensions[i] < 0) throw GyreException.Invalid($"{file.Path}: a dimension is negative");
        }

        return dimensions;
    }

    private static void Fill(SourceFile file, Stream stream, byte[] buffer, string what)
    {
        if (stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false) < buffer.Length)
            throw GyreException.Invalid($"{file.Path}: ends within {what}");
    }
}
