using System.Security.Cryptography;
using System.Text;

namespace Gyre.Server.Protection.Keys;

/// <summary>
/// The text of a key: <c>gyre_</c>, an id of 80 random bits that is no secret, <c>_</c>, a secret of 160 random bits;
/// both in base 32 (a–z, 2–7), so that a double click selects the whole and no encoding is needed anywhere.
/// </summary>
internal static class KeyText
{
    /// <summary>Characters of a key.</summary>
    public const int Length = 54;

    /// <summary>Bytes of a hash.</summary>
    public const int HashLength = SHA256.HashSizeInBytes;

    private const string Prefix = "gyre_";
    private const int IdLength = 16;
    private const int SecretStart = 5 + IdLength + 1;
    private const string Alphabet = "abcdefghijklmnopqrstuvwxyz234567";

    /// <summary>A new id.</summary>
    public static string NewId() => RandomNumberGenerator.GetString(Alphabet, IdLength);

    /// <summary>A new key of that id.</summary>
    public static string NewKey(string id) =>
        $"{Prefix}{id}_{RandomNumberGenerator.GetString(Alphabet, Length - SecretStart)}";

    /// <summary>The id inside a text that has a key's form; empty when it has not.</summary>
    public static ReadOnlySpan<char> IdOf(ReadOnlySpan<char> text) =>
        text.Length == Length && text.StartsWith(Prefix, StringComparison.Ordinal) && text[SecretStart - 1] == '_'
        && !text[Prefix.Length..(SecretStart - 1)].ContainsAnyExcept(Alphabet)
        && !text[SecretStart..].ContainsAnyExcept(Alphabet)
            ? text[Prefix.Length..(SecretStart - 1)]
            : default;

    /// <summary>
    /// SHA-256 of the whole key. One round is enough: there is nothing to guess in 160 random bits, which is what the
    /// slow hashes of passwords are for.
    /// </summary>
    /// <param name="text">A text of a key's form.</param>
    /// <param name="hash">Receives <see cref="HashLength"/> bytes.</param>
    public static void Hash(ReadOnlySpan<char> text, Span<byte> hash)
    {
        Span<byte> bytes = stackalloc byte[Length];
        Encoding.ASCII.GetBytes(text, bytes);
        SHA256.HashData(bytes, hash);
    }
}
