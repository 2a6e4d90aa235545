using System.Buffers.Binary;
using System.IO.Compression;
using Gyre.Primitives;

namespace Gyre.Tabular;

/// <summary>
/// A PNG file (ISO/IEC 15948): every colour type and bit depth, interlaced or not. 16 bits are cut to 8; ancillary
/// chunks other than transparency are passed over. Nothing is allocated for more than the declared size, which is
/// limited first.
/// </summary>
internal sealed class PngImage
{
    private const int HeaderLength = 13;

    private readonly int _depth;
    private readonly int _colorType;
    private readonly bool _interlaced;
    private readonly byte[] _palette;
    private readonly byte[] _transparency;
    private readonly List<Range> _data;

    private PngImage(
        ReadOnlySpan<byte> header, byte[] palette, byte[] transparency, List<Range> data)
    {
        _depth = header[8];
        _colorType = header[9];
        _interlaced = header[12] == 1;
        (_palette, _transparency, _data) = (palette, transparency, data);
        Shape = new ImageShape(
            (int)BinaryPrimitives.ReadUInt32BigEndian(header[4..]), (int)BinaryPrimitives.ReadUInt32BigEndian(header),
            ChannelsOf(_colorType, transparency.Length > 0));
    }

    /// <summary>The size, with the channels that the file stores: 4 for a palette with transparency, else 3.</summary>
    public ImageShape Shape { get; }

    private static ReadOnlySpan<byte> Signature => [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A];

    public static bool HasSignature(ReadOnlySpan<byte> file) => file.StartsWith(Signature);

    /// <summary>Reads all chunks and checks them; pixels are not decoded yet.</summary>
    /// <exception cref="GyreException">It is no PNG, damaged, or larger than is supported.</exception>
    public static PngImage Open(ReadOnlySpan<byte> file)
    {
        if (!HasSignature(file)) throw GyreException.Invalid("it is no PNG image");
        byte[] header = [], palette = [], transparency = [];
        var data = new List<Range>();
        for (var at = Signature.Length; ;)
        {
            if (file.Length - at < 12) throw Damaged("it ends before its last chunk");
            var length = BinaryPrimitives.ReadUInt32BigEndian(file[at..]);
            if (length > (uint)(file.Length - at - 12)) throw Damaged("a chunk is longer than the file");
            var type = file.Slice(at + 4, 4);
            var body = file.Slice(at + 8, (int)length);
            if (Crc(file.Slice(at + 4, (int)length + 4)) != BinaryPrimitives.ReadUInt32BigEndian(file[(at + 8 + (int)length)..]))
                throw Damaged($"the checksum of chunk '{System.Text.Encoding.Latin1.GetString(type)}' is wrong");
            if (header.Length == 0 && !type.SequenceEqual("IHDR"u8)) throw Damaged("it does not begin with a header");
            if (type.SequenceEqual("IHDR"u8)) header = CheckHeader(body);
            else if (type.SequenceEqual("PLTE"u8)) palette = body.ToArray();
            else if (type.SequenceEqual("tRNS"u8)) transparency = body.ToArray();
            else if (type.SequenceEqual("IDAT"u8)) data.Add((at + 8)..(at + 8 + (int)length));
            else if (type.SequenceEqual("IEND"u8)) break;
            else if ((type[0] & 0x20) == 0) throw Damaged("it has a critical chunk that no reader knows");
            at += 12 + (int)length;
        }

        if (data.Count == 0) throw Damaged("it has no pixels");
        var indexed = header[9] == 3;
        if (indexed && (palette.Length == 0 || palette.Length % 3 != 0)) throw Damaged("its palette is absent or broken");
        return new PngImage(header, palette, indexed ? transparency : [], data);
    }

    /// <summary>The pixels, row-major, height × width × channels.</summary>
    /// <exception cref="GyreException">The compressed pixels are damaged, too few or too many.</exception>
    public byte[] Decode(ReadOnlySpan<byte> file)
    {
        var samples = _colorType switch { 2 => 3, 4 => 2, 6 => 4, _ => 1 };
        var scanlines = new PngScanlines(Shape.Height, Shape.Width, samples, _depth, _interlaced);
        var raw = new byte[scanlines.RawLength];
        Inflate(file, raw);
        var values = scanlines.Decode(raw) ?? throw Damaged("a line has an unknown filter");
        if (_colorType == 3) return Colours(values);
        if (_colorType == 0 && _depth < 8)
        {
            var step = (byte)(255 / ((1 << _depth) - 1));
            foreach (ref var value in values.AsSpan()) value *= step;
        }

        return values;
    }

    private void Inflate(ReadOnlySpan<byte> file, byte[] raw)
    {
        using var compressed = new MemoryStream();
        foreach (var range in _data) compressed.Write(file[range]);
        compressed.Position = 0;
        using var inflated = new ZLibStream(compressed, CompressionMode.Decompress);
        try
        {
            if (inflated.ReadAtLeast(raw, raw.Length, throwOnEndOfStream: false) < raw.Length)
                throw Damaged("it has fewer pixels than it says");
            if (inflated.ReadByte() >= 0) throw Damaged("it has more pixels than it says");
        }
        catch (InvalidDataException)
        {
            throw Damaged("its compressed pixels cannot be read");
        }
    }

    private byte[] Colours(byte[] indices)
    {
        var channels = Shape.Channels;
        var pixels = new byte[indices.Length * channels];
        for (var i = 0; i < indices.Length; i++)
        {
            var index = indices[i];
            if ((3 * index) + 3 > _palette.Length) throw Damaged("a pixel has a colour beyond the palette");
            _palette.AsSpan(3 * index, 3).CopyTo(pixels.AsSpan(i * channels));
            if (channels == 4) pixels[(4 * i) + 3] = index < _transparency.Length ? _transparency[index] : (byte)255;
        }

        return pixels;
    }

    private static byte[] CheckHeader(ReadOnlySpan<byte> header)
    {
        if (header.Length != HeaderLength) throw Damaged("its header is broken");
        var (width, height) = (BinaryPrimitives.ReadUInt32BigEndian(header), BinaryPrimitives.ReadUInt32BigEndian(header[4..]));
        var (depth, type) = (header[8], header[9]);
        var known = type switch
        {
            0 => depth is 1 or 2 or 4 or 8 or 16,
            3 => depth is 1 or 2 or 4 or 8,
            2 or 4 or 6 => depth is 8 or 16,
            _ => false,
        };
        if (!known || header[10] != 0 || header[11] != 0 || header[12] > 1) throw Damaged("its header is broken");
        if (width is 0 or > ImageShape.MostPixels || height is 0 or > ImageShape.MostPixels
            || !new ImageShape((int)height, (int)width, ChannelsOf(type, false)).IsValid)
            throw GyreException.Invalid($"an image of {height}x{width} is not supported: at most 1 MiB of pixels; scale it down");
        return header.ToArray();
    }

    private static int ChannelsOf(int colorType, bool transparent) =>
        colorType switch { 0 => 1, 4 => 2, 2 => 3, 3 => transparent ? 4 : 3, _ => 4 };

    private static uint Crc(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var value in bytes)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ (0xEDB88320 & (0 - (crc & 1)));
        }

        return ~crc;
    }

    private static GyreException Damaged(string what) => GyreException.Invalid($"the PNG image is damaged: {what}");
}
