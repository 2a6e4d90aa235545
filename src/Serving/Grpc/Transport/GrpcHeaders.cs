using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Gyre.Serving.Grpc.Transport;

/// <summary>The texts that gRPC puts into headers: content type, timeout, message.</summary>
internal static class GrpcHeaders
{
    public const string ContentType = "application/grpc";

    /// <summary>Compressions that requests may have; answers are sent as they are.</summary>
    public const string AcceptedEncodings = "identity,gzip";

    private const int LongestTimeout = 8; // digits, says the protocol
    private static readonly TimeSpan Forever = TimeSpan.FromMilliseconds(int.MaxValue - 1);

    /// <summary>Whether a content type is gRPC's with protobuf messages, such as <c>application/grpc+proto</c>.</summary>
    public static bool IsGrpc(string? contentType)
    {
        if (contentType is null || !contentType.StartsWith(ContentType, StringComparison.OrdinalIgnoreCase)) return false;
        var rest = contentType.AsSpan(ContentType.Length);
        if (rest.IsEmpty) return true;
        var end = rest.IndexOf(';');
        var format = (end < 0 ? rest : rest[..end]).TrimEnd();
        return format.IsEmpty || format.Equals("+proto", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>The time of a <c>grpc-timeout</c>, such as <c>250m</c>; null when it is none.</summary>
    public static TimeSpan? ParseTimeout(ReadOnlySpan<char> text)
    {
        if (text.Length is < 2 or > LongestTimeout + 1
            || !long.TryParse(text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var value))
            return null;
        double? seconds = text[^1] switch
        {
            'H' => value * 3600.0,
            'M' => value * 60.0,
            'S' => value,
            'm' => value * 1e-3,
            'u' => value * 1e-6,
            'n' => value * 1e-9,
            _ => null,
        };
        return seconds is not { } given ? null
            : given >= Forever.TotalSeconds ? Forever : TimeSpan.FromSeconds(given);
    }

    /// <summary>
    /// Makes a response the end of a call without an answer: without a body the status stands in the headers, which
    /// are the only ones, and the status of HTTP is always 200.
    /// </summary>
    public static void Refuse(HttpResponse response, GrpcStatusCode status, string message)
    {
        response.StatusCode = StatusCodes.Status200OK;
        response.ContentType = ContentType;
        response.Headers.GrpcStatus = ((int)status).ToString(CultureInfo.InvariantCulture);
        response.Headers.GrpcMessage = EncodeMessage(message);
        if (status is GrpcStatusCode.Unimplemented) response.Headers.GrpcAcceptEncoding = AcceptedEncodings;
    }

    /// <summary>A message as <c>grpc-message</c> carries it: UTF-8, percent-encoded but for visible ASCII.</summary>
    public static string EncodeMessage(string message)
    {
        var encoded = new StringBuilder(message.Length + 16);
        foreach (var value in Encoding.UTF8.GetBytes(message))
        {
            if (value is >= 0x20 and <= 0x7E and not (byte)'%') encoded.Append((char)value);
            else encoded.Append(CultureInfo.InvariantCulture, $"%{value:X2}");
        }

        return encoded.ToString();
    }
}
