using System.Buffers.Binary;
using System.IO.Compression;

namespace Gyre.Fixtures;

/// <summary>Writes the simplest PNG file: grey, 8 bits, one block of unfiltered lines.</summary>
internal static class GreyPng
{
    public static byte[] Write(int height, int width, ReadOnlySpan<byte> pixels)
    {
        var lines = new byte[height * (width + 1)];
        for (var y = 0; y < height; y++) pixels.Slice(y * width, width).CopyTo(lines.AsSpan((y * (width + 1)) + 1));
        return OfLines(height, width, lines);
    }

    /// <summary>The same with any bytes for lines, which the header need not fit.</summary>
    public static byte[] OfLines(int height, int width, byte[] lines)
    {
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        header[8] = 8;
        using var compressed = new MemoryStream();
        using (var zip = new ZLibStream(compressed, CompressionLevel.Fastest, leaveOpen: true)) zip.Write(lines);
        return
        [
            0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, .. Chunk("IHDR"u8, header),
            .. Chunk("IDAT"u8, compressed.ToArray()), .. Chunk("IEND"u8, []),
        ];
    }

    private static byte[] Chunk(ReadOnlySpan<byte> type, byte[] body)
    {
        var chunk = new byte[12 + body.Length];
        BinaryPrimitives.WriteInt32BigEndian(chunk, body.Length);
        type.CopyTo(chunk.AsSpan(4));
        body.CopyTo(chunk, 8);
        var crc = uint.MaxValue;
        foreach (var value in chunk.AsSpan(4, 4 + body.Length))
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++) crc = (crc & 1) == 0 ? crc >> 1 : (crc >> 1) ^ 0xEDB88320;
        }

        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(8 + body.Length), ~crc);
        return chunk;
    }
}
