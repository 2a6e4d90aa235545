using System.Text;
using System.Text.Json;

namespace Gyre.Tracking.Rest;

/// <summary>MLflow's page token: the base64 of <c>{"offset": N}</c>. Opaque to clients.</summary>
internal static class OffsetToken
{
    /// <summary>The offset of a token; 0 for none.</summary>
    /// <exception cref="RestException">It is none of ours.</exception>
    public static long Read(string? token)
    {
        if (string.IsNullOrEmpty(token)) return 0;
        try
        {
            using var document = JsonDocument.Parse(Convert.FromBase64String(token));
            if (document.RootElement.TryGetProperty("offset", out var offset)
                && offset.TryGetInt64(out var value) && value >= 0) return value;
        }
        catch (Exception ex) when (ex is FormatException or JsonException or InvalidOperationException)
        {
            // Told below: whatever it is, it is no token.
        }

        throw RestException.Parameter("Invalid page token: it is not one that this server gave out.");
    }

    public static string Write(long offset) =>
        Convert.ToBase64String(Encoding.UTF8.GetBytes($$"""{"offset": {{offset}}}"""));
}
