using System.Security.Cryptography;

namespace Gyre.Primitives;

/// <summary>A SHA-256 of some content, written as 64 lower-case hex digits.</summary>
public readonly record struct ContentHash
{
    private readonly string? _hex;

    private ContentHash(string hex) => _hex = hex;

    /// <summary>The 64 hex digits.</summary>
    public string Hex => _hex ?? throw new InvalidOperationException("An unset ContentHash has no value.");

    /// <summary>The first 12 digits, for people.</summary>
    public string Short => Hex[..12];

    /// <summary>The hash of <paramref name="content"/>.</summary>
    public static ContentHash Of(ReadOnlySpan<byte> content) =>
        new(Convert.ToHexStringLower(SHA256.HashData(content)));

    /// <summary>The hash of what is left in <paramref name="content"/>.</summary>
    public static async Task<ContentHash> OfAsync(Stream content, CancellationToken cancellationToken) =>
        new(Convert.ToHexStringLower(await SHA256.HashDataAsync(content, cancellationToken)));

    /// <summary>Reads 64 hex digits.</summary>
    /// <exception cref="FormatException"><paramref name="hex"/> is something else.</exception>
    public static ContentHash Parse(string hex)
    {
        if (hex.Length != 64 || !hex.All(char.IsAsciiHexDigit))
            throw new FormatException($"'{hex}' is not a content hash (64 hex digits).");
        return new ContentHash(hex.ToLowerInvariant());
    }

    /// <inheritdoc/>
    public override string ToString() => Hex;
}
