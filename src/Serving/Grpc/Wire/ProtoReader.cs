using System.Buffers.Binary;
using Gyre.Serving.Grpc.Transport;

namespace Gyre.Serving.Grpc.Wire;

/// <summary>How a field's value is written.</summary>
internal enum WireType
{
    Varint = 0,
    Fixed64 = 1,
    Bytes = 2,
    StartGroup = 3,
    EndGroup = 4,
    Fixed32 = 5,
}

/// <summary>
/// Reads the fields of a protobuf message where they lie. The generated parser makes an object and a copy for each of
/// them, which for a request of a dozen tensors costs more than the prediction.
/// </summary>
internal ref struct ProtoReader(ReadOnlySpan<byte> message)
{
    private const int DeepestGroup = 100;
    private const int LongestVarint = 10;

    private ReadOnlySpan<byte> _rest = message;

    /// <summary>The number of the field that the reader stands on.</summary>
    public int Field { get; private set; }

    /// <summary>How the value of that field is written.</summary>
    public WireType Type { get; private set; }

    /// <summary>Whether nothing is left.</summary>
    public readonly bool IsAtEnd => _rest.IsEmpty;

    /// <summary>Moves to the next field; its value must then be read or skipped.</summary>
    public bool Next()
    {
        if (_rest.IsEmpty) return false;
        var tag = (uint)ReadVarint();
        Field = (int)(tag >> 3);
        Type = (WireType)(tag & 7);
        return Field > 0 && Type <= WireType.Fixed32 ? true : throw Malformed();
    }

    /// <summary>Moves to the next field of a number and a form of value, over all others.</summary>
    public bool Next(int field, WireType type)
    {
        while (Next())
        {
            if (Field == field && Type == type) return true;
            Skip();
        }

        return false;
    }

    /// <summary>Reads a number of variable length. The protocol drops what is beyond 64 bits.</summary>
    public ulong ReadVarint()
    {
        var value = 0UL;
        for (var i = 0; i < _rest.Length && i < LongestVarint; i++)
        {
            value |= (ulong)(_rest[i] & 0x7F) << (7 * i);
            if (_rest[i] >= 0x80) continue;
            _rest = _rest[(i + 1)..];
            return value;
        }

        throw Malformed();
    }

    /// <summary>Reads a string, bytes, a message, or packed values.</summary>
    public ReadOnlySpan<byte> ReadBytes() => (uint)ReadVarint() is var length && length <= _rest.Length
        ? Take((int)length) : throw Malformed();

    /// <summary>Reads 4 bytes.</summary>
    public uint ReadFixed32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(sizeof(uint)));

    /// <summary>Reads 8 bytes.</summary>
    public ulong ReadFixed64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(sizeof(ulong)));

    /// <summary>Passes over the value of the field.</summary>
    public void Skip() => Skip(0);

    public static CallFailedException Malformed() =>
        new(GrpcStatusCode.Internal, "The message is not a protobuf message of the method.");

    private void Skip(int depth)
    {
        switch (Type)
        {
            case WireType.Varint: ReadVarint(); break;
            case WireType.Fixed64: Take(sizeof(ulong)); break;
            case WireType.Fixed32: Take(sizeof(uint)); break;
            case WireType.Bytes: ReadBytes(); break;
            case WireType.StartGroup when depth < DeepestGroup: SkipGroup(Field, depth + 1); break;
            default: throw Malformed();
        }
    }

    private void SkipGroup(int number, int depth)
    {
        while (Next())
        {
            if (Type is not WireType.EndGroup)
            {
                Skip(depth);
                continue;
            }

            if (Field == number) return;
            break;
        }

        throw Malformed();
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > _rest.Length) throw Malformed();
        var taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }
}
