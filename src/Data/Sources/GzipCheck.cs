using System.Buffers.Binary;
using Gyre.Primitives;

namespace Gyre.Data.Sources;

/// <summary>
/// Inflates a gzip to its end and compares the length with the one that its last four bytes state (RFC 1952, ISIZE),
/// because neither the engine nor the runtime minds a truncated one.
/// </summary>
internal static class GzipCheck
{
    private const int HeaderLength = 10;

    /// <exception cref="GyreException">The gzip is truncated or damaged.</exception>
    public static void Run(SourceFile file, CancellationToken cancellationToken)
    {
        try
        {
            var length = 0L;
            using (var stream = file.OpenText())
            {
                var buffer = new byte[1 << 16];
                for (int read; (read = stream.Read(buffer)) > 0; length += read) cancellationToken.ThrowIfCancellationRequested();
            }

            if ((uint)length != StatedLength(file.Path) && !HasSecondMember(file.Path)) throw Damaged(file, null);
        }
        catch (InvalidDataException ex)
        {
            throw Damaged(file, ex);
        }
    }

    public static GyreException Damaged(SourceFile file, InvalidDataException? cause) =>
        GyreException.Invalid($"{file.Path}: the gzip is truncated or damaged", cause);

    private static uint StatedLength(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        Span<byte> last = stackalloc byte[sizeof(uint)];
        if (file.Length < HeaderLength + 2 * sizeof(uint)) return uint.MaxValue;
        file.Seek(-last.Length, SeekOrigin.End);
        file.ReadExactly(last);
        return BinaryPrimitives.ReadUInt32LittleEndian(last);
    }

    // Several gzips in a row are one gzip, whose last four bytes tell only of the last. A header: the magic, deflate, flags
    // below 32, four bytes of time, the level (0, 2, 4), the system (0 to 13, 255). Chance makes none in practice.
    private static bool HasSecondMember(string path)
    {
        var bytes = File.ReadAllBytes(path).AsSpan();
        ReadOnlySpan<byte> magic = [0x1f, 0x8b, 0x08];
        for (var start = 1; bytes[start..].IndexOf(magic) is var found and >= 0; start += found + 1)
        {
            var header = bytes[(start + found)..];
            if (header.Length >= HeaderLength && header[3] < 32 && header[8] is 0 or 2 or 4 && header[9] is <= 13 or 255) return true;
        }

        return false;
    }
}
