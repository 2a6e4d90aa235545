using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Gyre.Primitives;

/// <summary>
/// Makes unique ids: 32 lower-case hex digits, the first 12 the time in milliseconds (as in UUID version 7), the rest
/// from the system's random source, so that ids sort by the time they were made. Thread-safe.
/// </summary>
public sealed class IdGenerator(TimeProvider time)
{
    private const int RandomBytes = 10;
    private const int IdsPerFill = 64;

    // Asking the random source costs ten times what the rest of an id does: each thread asks for many at once.
    [ThreadStatic]
    private static byte[]? _random;

    [ThreadStatic]
    private static int _left;

    /// <summary>A new id.</summary>
    public string Next()
    {
        Span<byte> bytes = stackalloc byte[16];
        TakeRandom().CopyTo(bytes[6..]);
        Span<byte> clock = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(clock, time.GetUtcNow().ToUnixTimeMilliseconds());
        clock[2..].CopyTo(bytes);
        bytes[6] = (byte)((bytes[6] & 0x0f) | 0x70);
        bytes[8] = (byte)((bytes[8] & 0x3f) | 0x80);
        return Convert.ToHexStringLower(bytes);
    }

    private static ReadOnlySpan<byte> TakeRandom()
    {
        var random = _random ??= new byte[RandomBytes * IdsPerFill];
        if (_left == 0)
        {
            RandomNumberGenerator.Fill(random);
            _left = IdsPerFill;
        }

        return random.AsSpan(--_left * RandomBytes, RandomBytes);
    }
}
