using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using Gyre.Primitives;

namespace Gyre.Tracking.Search;

/// <summary>
/// Where a page begins: after a row, known by its sort values, or (MLflow's tokens) after a number of rows.
/// </summary>
/// <param name="Query">A fingerprint of the search it belongs to; null in MLflow's tokens.</param>
/// <param name="After">Rank and value of each sort key of the last row; null in MLflow's tokens.</param>
/// <param name="Offset">The number of rows to pass over in MLflow's tokens, else 0.</param>
internal sealed record PageToken(string? Query, string?[]? After, long Offset)
{
    private sealed record Wire(string? Q, string?[]? K);

    /// <summary>A fingerprint of all that decides which rows a search finds and in which order.</summary>
    public static string Fingerprint(params ReadOnlySpan<object?> parts) =>
        ContentHash.Of(JsonSerializer.SerializeToUtf8Bytes(parts.ToArray())).Short;

    public static string Encode(string query, string?[] after) => Base64Url.EncodeToString(
        JsonSerializer.SerializeToUtf8Bytes(new Wire(query, after), JsonSerializerOptions.Web));

    /// <summary>Reads a token; null for none (an empty text is none).</summary>
    /// <exception cref="FilterException">It is no token, or one of another search.</exception>
    public static PageToken? Decode(string? token, string query)
    {
        if (string.IsNullOrEmpty(token)) return null;
        var read = Read(token) ?? throw FilterException.Of("Invalid page token: it could not be decoded.");
        if (read.Query is not null && read.Query != query)
        {
            throw FilterException.Of(
                "Invalid page token: it belongs to a search with another filter, order or list of experiments.");
        }

        return read;
    }

    private static PageToken? Read(string token)
    {
        try
        {
            // Both alphabets: our own tokens go into URLs, MLflow's are usual base64.
            var bytes = Base64Url.DecodeFromChars(token.Replace('+', '-').Replace('/', '_').TrimEnd('='));
            using var json = JsonDocument.Parse(bytes, new JsonDocumentOptions { MaxDepth = 4 });
            if (json.RootElement.ValueKind != JsonValueKind.Object) return null;
            if (json.RootElement.TryGetProperty("offset", out var offset)) return AtOffset(offset);
            var wire = json.RootElement.Deserialize<Wire>(JsonSerializerOptions.Web);
            return wire is { Q: not null, K: not null } ? new PageToken(wire.Q, wire.K, 0) : null;
        }
        catch (Exception ex) when (ex is FormatException or JsonException or DecoderFallbackException)
        {
            return null;
        }
    }

    private static PageToken? AtOffset(JsonElement offset)
    {
        var text = offset.ValueKind is JsonValueKind.String or JsonValueKind.Number ? offset.ToString() : "";
        return long.TryParse(text, out var rows) && rows > 0 ? new PageToken(null, null, rows) : null;
    }
}
