using System.Buffers.Text;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Gyre.Server.Protection.Keys;

/// <summary>
/// The key in a request: <c>Authorization: Bearer KEY</c>, <c>Authorization: Basic</c> with the key as the password and
/// any user name, or <c>X-API-Key: KEY</c>, of which Authorization counts when both are there.
/// </summary>
internal static class Credentials
{
    private const string Bearer = "Bearer ";
    private const string Basic = "Basic ";
    private const string HeaderName = "X-API-Key";

    // A user name and a key; whatever is longer holds no key of ours.
    private const int LongestBasic = 512;

    /// <summary>Recognises the key that a request carries.</summary>
    public static KeyVerdict Check(IHeaderDictionary headers, KeyRing ring, out KeyUse? use)
    {
        var authorization = headers.Authorization;
        if (authorization.Count > 0) return CheckAuthorization(authorization, ring, out use);
        if (headers.TryGetValue(HeaderName, out var key)) return ring.Check(Single(key), out use);
        use = null;
        return KeyVerdict.None;
    }

    private static KeyVerdict CheckAuthorization(in StringValues header, KeyRing ring, out KeyUse? use)
    {
        var text = Single(header).AsSpan();
        if (text.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase))
            return ring.Check(text[Bearer.Length..].Trim(), out use);
        if (text.StartsWith(Basic, StringComparison.OrdinalIgnoreCase))
            return CheckBasic(text[Basic.Length..].Trim(), ring, out use);
        use = null;
        return KeyVerdict.Unknown;
    }

    private static KeyVerdict CheckBasic(ReadOnlySpan<char> encoded, KeyRing ring, out KeyUse? use)
    {
        use = null;
        Span<byte> bytes = stackalloc byte[LongestBasic];
        if (encoded.Length > LongestBasic || !Encoding.ASCII.TryGetBytes(encoded, bytes, out var length)
            || Base64.DecodeFromUtf8InPlace(bytes[..length], out var decoded) != System.Buffers.OperationStatus.Done)
            return KeyVerdict.Unknown;
        var password = bytes[..decoded];
        password = password[(password.IndexOf((byte)':') + 1)..];
        Span<char> text = stackalloc char[KeyText.Length];
        if (password.Length != text.Length) return KeyVerdict.Unknown;
        Encoding.Latin1.GetChars(password, text);
        return ring.Check(text, out use);
    }

    private static string Single(in StringValues header) => header.Count == 1 ? header[0] ?? "" : "";
}
