using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Net.Http.Headers;

namespace Gyre.Tracking.Rest;

/// <summary>Sends a file, or the part of it that is asked for (RFC 9110, section 14).</summary>
internal static class ArtifactAnswer
{
    /// <summary>Kinds that browsers would not show as text, though they are.</summary>
    private static readonly HashSet<string> TextEndings = new(
        """
        .txt .log .err .cfg .conf .cnf .cf .ini .properties .prop .hocon .toml .yaml .yml .xml .json .js .py .py3 .csv
        .tsv .md .rst
        """.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries),
        StringComparer.OrdinalIgnoreCase);

    private static readonly FileExtensionContentTypeProvider Types = new();

    /// <summary>The media type that a file's name suggests.</summary>
    public static string TypeOf(string name)
    {
        if (name is "MLmodel" or "MLproject" || TextEndings.Contains(Path.GetExtension(name))) return "text/plain";
        return Types.TryGetContentType(name, out var type) ? type : "application/octet-stream";
    }

    public static async Task SendAsync(HttpContext context, ArtifactContent content, string name)
    {
        var response = context.Response;
        var disposition = new ContentDispositionHeaderValue("attachment");
        disposition.SetHttpFileName(name); // names outside ASCII by RFC 6266's filename*
        response.Headers.ContentDisposition = disposition.ToString();
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers.AcceptRanges = "bytes";
        var tag = new EntityTagHeaderValue($"\"{content.Tag}\"");
        response.Headers.ETag = tag.ToString();
        response.Headers.LastModified = HeaderUtilities.FormatDate(content.Modified);

        var (from, count) = (0L, content.Length);
        if (AskedFor(context.Request, content, tag) is { } range)
        {
            if (!TryResolve(range, content.Length, out from, out count))
            {
                response.StatusCode = StatusCodes.Status416RangeNotSatisfiable;
                response.Headers.ContentRange = new ContentRangeHeaderValue(content.Length).ToString();
                response.ContentLength = 0;
                return;
            }

            response.StatusCode = StatusCodes.Status206PartialContent;
            response.Headers.ContentRange =
                new ContentRangeHeaderValue(from, from + count - 1, content.Length).ToString();
        }

        response.ContentType = TypeOf(name);
        response.ContentLength = count;
        if (HttpMethods.IsHead(context.Request.Method)) return;
        await content.CopyToAsync(response.Body, from, count, context.RequestAborted);
    }

    /// <summary>The range, unless it is several, none that we know, or of other content than the client has.</summary>
    private static RangeItemHeaderValue? AskedFor(
        HttpRequest request, ArtifactContent content, EntityTagHeaderValue tag)
    {
        if (content.Length == 0 || !RangeHeaderValue.TryParse(request.Headers.Range.ToString(), out var asked)
            || !asked.Unit.Equals("bytes", StringComparison.OrdinalIgnoreCase) || asked.Ranges.Count != 1)
            return null;
        if (request.Headers.IfRange.ToString() is not { Length: > 0 } condition) return asked.Ranges.Single();
        var wholeSeconds = content.Modified.AddTicks(-(content.Modified.Ticks % TimeSpan.TicksPerSecond));
        var holds = RangeConditionHeaderValue.TryParse(condition, out var parsed)
            && (parsed.EntityTag is { } known
                ? known.Compare(tag, useStrongComparison: true)
                : parsed.LastModified == wholeSeconds);
        return holds ? asked.Ranges.Single() : null;
    }

    /// <summary>The bytes of a range; false when it begins behind the end.</summary>
    private static bool TryResolve(RangeItemHeaderValue range, long length, out long from, out long count)
    {
        if (range.From is { } start)
        {
            from = start;
            count = Math.Min(range.To ?? long.MaxValue, length - 1) - from + 1;
        }
        else
        {
            count = Math.Min(range.To ?? 0, length); // the last bytes
            from = length - count;
        }

        return count > 0;
    }
}
