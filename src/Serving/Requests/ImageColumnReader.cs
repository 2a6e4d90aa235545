using System.Globalization;
using System.Text.Json;
using Gyre.Primitives;
using Gyre.Tabular;

namespace Gyre.Serving.Requests;

/// <summary>
/// Image columns. A value is an array of the pixels' numbers, 0 to 255, nested by height, width and channels or flat; or
/// base64 of a PNG file, or of the pixels' bytes.
/// </summary>
internal sealed class ImageColumnReader(ColumnDefinition definition) : ColumnReader(definition)
{
    private const string Pixel = "a whole number from 0 to 255, as pixels are";

    private readonly ImageShape _shape = definition.Image
        ?? throw new ArgumentException($"Column '{definition.Name}' has no image size.", nameof(definition));

    private byte[] _pixels = [];
    private int _filled;

    /// <summary>The size of its images.</summary>
    public ImageShape Shape => _shape;

    public override bool IsWhole => _filled % _shape.Size == 0;

    public override bool Accepts(TensorDatatype datatype) =>
        datatype.Kind is TensorKind.Integer or TensorKind.Float or TensorKind.Bytes;

    /// <summary>Adds the number that the reader stands on; the last one of an image makes it count.</summary>
    public void AddPixel(ref Utf8JsonReader json)
    {
        Add(ref json);
        if (IsWhole) Count++;
    }

    /// <summary>Adds whole images as the bytes of their pixels.</summary>
    public void ReadPixels(ReadOnlySpan<byte> pixels)
    {
        pixels.CopyTo(Extend(pixels.Length));
        Count += pixels.Length / _shape.Size;
    }

    private void Add(ref Utf8JsonReader json)
    {
        if (!WholeNumber.TryRead(ref json, out var value) || value is < 0 or > 255)
            throw WrongType(ref json, Pixel);
        Extend(1)[0] = (byte)value;
    }

    protected override Column Take()
    {
        var column = new ImageColumn(Name, _shape, _pixels[.._filled]);
        (_pixels, _filled) = ([], 0);
        return column;
    }

    protected override void AddMissing() => throw Reject(RejectionReason.MissingValue, "null, but an image is needed");

    protected override void ReadValue(ReadOnlySpan<byte> bytes) => ReadBytes(bytes);

    protected override void ReadValue(long value) => Extend(1)[0] = value is >= 0 and <= 255
        ? (byte)value : throw Unfit(value.ToString(CultureInfo.InvariantCulture), Pixel);

    protected override void ReadValue(double value) => ReadValue(WholeNumber.TryConvert(value, out var whole)
        ? whole : throw Unfit(value.ToString(CultureInfo.InvariantCulture), Pixel));

    protected override void ReadValue(ref Utf8JsonReader json)
    {
        if (json.TokenType is JsonTokenType.StartArray) ReadNumbers(ref json);
        else if (json.TokenType is JsonTokenType.String && json.TryGetBytesFromBase64(out var bytes)) ReadBytes(bytes);
        else throw WrongType(ref json, "an image: an array of numbers, or base64 of a PNG file or of the pixels");
    }

    private void ReadNumbers(ref Utf8JsonReader json)
    {
        var end = _filled + _shape.Size;
        for (var depth = 1; depth > 0;)
        {
            JsonBody.Next(ref json);
            if (json.TokenType is JsonTokenType.StartArray) depth++;
            else if (json.TokenType is JsonTokenType.EndArray) depth--;
            else if (_filled < end) Add(ref json);
            else throw WrongSize($"more than {_shape.Size}");
        }

        if (_filled < end) throw WrongSize($"{_filled + _shape.Size - end}");
    }

    private void ReadBytes(ReadOnlySpan<byte> bytes)
    {
        if (!ImageFile.IsKnown(bytes))
        {
            if (bytes.Length != _shape.Size) throw WrongSize($"{bytes.Length}");
            bytes.CopyTo(Extend(bytes.Length));
            return;
        }

        try
        {
            ImageFile.Decode(bytes, _shape).CopyTo(Extend(_shape.Size));
        }
        catch (GyreException error)
        {
            throw Reject(RejectionReason.BadShape, error.Message);
        }
    }

    private RequestRejectedException WrongSize(string numbers) => Reject(
        RejectionReason.BadShape, $"{numbers} numbers; an image of {_shape} has {_shape.Size}");

    private Span<byte> Extend(int count)
    {
        if (_filled + count > _pixels.Length)
            Array.Resize(ref _pixels, Math.Max(_filled + count, Math.Max(_shape.Size, 2 * _pixels.Length)));
        _filled += count;
        return _pixels.AsSpan(_filled - count, count);
    }
}
