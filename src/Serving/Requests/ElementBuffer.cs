using System.Buffers.Binary;
using System.Text.Json;
using Gyre.Models;
using Gyre.Serving.Slots;

namespace Gyre.Serving.Requests;

/// <summary>
/// Elements of a tensor, read one by one from JSON. It grows with what has arrived, never with what was announced.
/// </summary>
internal ref struct ElementBuffer(InputTensor input)
{
    private const int FirstElements = 16;

    private readonly int _size = input.Datatype.Size;
    private byte[] _bytes = [];
    private string[] _texts = [];

    /// <summary>How many elements there are.</summary>
    public int Count { get; private set; }

    /// <summary>Adds the element that the reader stands on.</summary>
    /// <exception cref="RequestRejectedException">It is not of the tensor's datatype.</exception>
    public void Add(in TensorHeader header, ref Utf8JsonReader json)
    {
        if (json.TokenType is JsonTokenType.Null)
            throw header.Reject(RejectionReason.MissingValue, $"element {Count} is null; tensors have no missing values");
        if (input.Datatype.Type is TensorType.Text) AddText(header, ref json);
        else AddNumber(header, ref json);
        Count++;
    }

    /// <summary>The tensor; the buffer must not be used afterwards.</summary>
    public readonly TensorValue Build(ReadOnlySpan<long> shape) => input.Datatype.Type is TensorType.Text
        ? new TensorValue([.. shape], _texts.AsSpan(0, Count).ToArray())
        : new TensorValue(input.Datatype.Type, [.. shape], _bytes.AsSpan(0, Count * _size).ToArray());

    private void AddText(in TensorHeader header, ref Utf8JsonReader json)
    {
        if (json.TokenType is not JsonTokenType.String) throw ElementCheck.Reject(header, ref json, input.Datatype);
        if (Count == _texts.Length) Array.Resize(ref _texts, Math.Max(FirstElements, 2 * Count));
        _texts[Count] = TensorValues.Text(input, Count, json.GetString()!); // a string token has text
    }

    private void AddNumber(in TensorHeader header, ref Utf8JsonReader json)
    {
        if ((Count + 1) * _size > _bytes.Length)
            Array.Resize(ref _bytes, Math.Max(FirstElements * _size, 2 * _bytes.Length));
        var element = _bytes.AsSpan(Count * _size, _size);
        var fits = input.Datatype switch
        {
            { Kind: TensorKind.Float } => AddFloat(header, element, ref json),
            { Type: TensorType.UInt64 } => AddUnsigned(element, ref json),
            { Kind: TensorKind.Bool } when json.TokenType is JsonTokenType.True or JsonTokenType.False =>
                Put(element, json.TokenType is JsonTokenType.True ? 1 : 0),
            { Kind: TensorKind.Bool } => WholeNumber.TryRead(ref json, out var bit) && bit is 0 or 1 && Put(element, bit),
            { Least: var least, Greatest: var greatest } =>
                WholeNumber.TryRead(ref json, out var whole) && whole >= least && whole <= greatest && Put(element, whole),
        };
        if (!fits) throw ElementCheck.Reject(header, ref json, input.Datatype);
    }

    private readonly bool AddFloat(in TensorHeader header, Span<byte> element, ref Utf8JsonReader json)
    {
        if (json.TokenType is not JsonTokenType.Number || !json.TryGetDouble(out var value)) return false;
        var isSingle = input.Datatype.Type is TensorType.Float32;
        if (isSingle ? !float.IsFinite((float)value) : !double.IsFinite(value))
        {
            throw header.Reject(
                RejectionReason.NotFinite, $"element {Count} is beyond the range of {input.Datatype.Name}");
        }

        if (isSingle) BinaryPrimitives.WriteSingleLittleEndian(element, (float)value);
        else BinaryPrimitives.WriteDoubleLittleEndian(element, value);
        return true;
    }

    private static bool AddUnsigned(Span<byte> element, ref Utf8JsonReader json)
    {
        if (json.TokenType is not JsonTokenType.Number) return false;
        if (!json.TryGetUInt64(out var value)) return WholeNumber.TryRead(ref json, out var whole) && whole >= 0 && Put(element, whole);
        BinaryPrimitives.WriteUInt64LittleEndian(element, value);
        return true;
    }

    // Little-endian: the lower bytes of a number come first.
    private static bool Put(Span<byte> element, long value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        bytes[..element.Length].CopyTo(element);
        return true;
    }
}
