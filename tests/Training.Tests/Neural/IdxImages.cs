using System.Buffers.Binary;
using System.IO.Compression;
using Gyre.Tabular;

namespace Gyre.Training.Tests.Neural;

/// <summary>The Fashion-MNIST sample of the data collection as a table of <c>image</c> and <c>label</c>.</summary>
internal static class IdxImages
{
    public static Table Read(string imagesGz, string labelsGz)
    {
        var (images, labels) = (Unzip(imagesGz), Unzip(labelsGz));
        var count = BinaryPrimitives.ReadInt32BigEndian(images.AsSpan(4));
        var height = BinaryPrimitives.ReadInt32BigEndian(images.AsSpan(8));
        var width = BinaryPrimitives.ReadInt32BigEndian(images.AsSpan(12));
        return new Table(
        [
            new ImageColumn("image", new ImageShape(height, width, 1), images[16..]),
            CategoricalColumn.FromValues("label", ColumnType.Categorical, labels[8..(8 + count)].Select(l => $"{l}")),
        ]);
    }

    private static byte[] Unzip(string path)
    {
        using var file = new GZipStream(File.OpenRead(path), CompressionMode.Decompress);
        using var bytes = new MemoryStream();
        file.CopyTo(bytes);
        return bytes.ToArray();
    }
}
