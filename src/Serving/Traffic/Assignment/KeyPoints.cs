using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Gyre.Serving.Traffic.Assignment;

/// <summary>
/// Gives each request key its place in [0, 1): the same key has the same place as long as the salt stays, and another
/// salt deals all keys anew, so that one test's groups are not the next one's. Immutable.
/// </summary>
internal sealed class KeyPoints
{
    private const int OnStack = 512;

    private readonly ulong _k0;
    private readonly ulong _k1;

    /// <param name="salt">Any text; its SHA-256 is the hash's key.</param>
    public KeyPoints(string salt)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(salt), digest);
        _k0 = BinaryPrimitives.ReadUInt64LittleEndian(digest);
        _k1 = BinaryPrimitives.ReadUInt64LittleEndian(digest[8..]);
    }

    /// <summary>The place of a key, a multiple of 2⁻⁵³ in [0, 1).</summary>
    public double Of(string key)
    {
        var longest = Encoding.UTF8.GetMaxByteCount(key.Length);
        if (longest <= OnStack)
        {
            Span<byte> bytes = stackalloc byte[OnStack];
            return ToPoint(SipHash.Compute(bytes[..Encoding.UTF8.GetBytes(key, bytes)], _k0, _k1));
        }

        var rented = ArrayPool<byte>.Shared.Rent(longest);
        var point = ToPoint(SipHash.Compute(rented.AsSpan(0, Encoding.UTF8.GetBytes(key, rented)), _k0, _k1));
        ArrayPool<byte>.Shared.Return(rented);
        return point;
    }

    /// <summary>The upper 53 of 64 random bits as a number in [0, 1).</summary>
    public static double ToPoint(ulong bits) => (bits >> 11) * (1.0 / (1UL << 53));
}
