using Gyre.Tracking.Storage;
using Microsoft.AspNetCore.Http;

namespace Gyre.Tracking.Rest;

/// <summary><c>mlflow/metrics/*</c>: the points of metrics.</summary>
internal sealed class MetricEndpoints(MetricHistory history)
{
    private const int MaxBulkRuns = 100;
    private const int MaxBulkPoints = 25_000;
    private const int MaxIntervalPoints = 2_500;

    public void Map(RestRoutes routes)
    {
        routes.Get("2.0/mlflow/metrics/get-history", GetHistoryAsync);
        routes.GetForBrowsers("2.0/mlflow/metrics/get-history-bulk", GetBulkAsync);
        routes.Get("2.0/mlflow/metrics/get-history-bulk-interval", GetIntervalAsync);
    }

    private async Task GetHistoryAsync(HttpContext context, RequestFields fields)
    {
        var id = RunEndpoints.IdOf(fields);
        var key = fields.RequiredText("metric_key");
        var offset = OffsetToken.Read(fields.Text("page_token"));
        // MLflow's own server takes an absent limit as 0 and answers nothing; here it is no limit.
        var limit = fields.Int64("max_results") is { } asked and > 0 ? asked : long.MaxValue;
        var more = false;
        var writer = new PointWriter(key);
        await RestAnswer.SendListAsync(
            context, "metrics", Pieces(), (json, piece) => writer.Write(json, piece.Span),
            json =>
            {
                if (more) json.WriteString("next_page_token", OffsetToken.Write(offset + limit));
            });

        IEnumerable<ReadOnlyMemory<HistoryPoint>> Pieces()
        {
            var left = limit;
            foreach (var piece in history.Read(id, key, limit == long.MaxValue ? limit : limit + 1, offset))
            {
                more = piece.Length > left; // the one that was asked for to know this
                var wanted = more ? piece[..(int)left] : piece;
                if (wanted.Length > 0) yield return wanted;
                left -= wanted.Length;
            }
        }
    }

    private Task GetBulkAsync(HttpContext context, RequestFields fields)
    {
        var ids = RunIds(fields, "run_id");
        var key = fields.RequiredText("metric_key");
        var limit = Math.Min(fields.Int64("max_results") ?? MaxBulkPoints, MaxBulkPoints);
        if (limit < 0) throw RestException.Parameter($"Invalid value {limit} for parameter 'max_results' supplied.");
        return SendAsync(context, history.Read(ids, key, (int)limit));
    }

    private Task GetIntervalAsync(HttpContext context, RequestFields fields)
    {
        var ids = RunIds(fields, "run_ids");
        var key = fields.RequiredText("metric_key");
        var (start, end) = (fields.Int64("start_step"), fields.Int64("end_step"));
        if (start is null != end is null)
            throw RestException.Parameter("If either start step or end step are specified, both must be specified.");
        if (start > end)
        {
            throw RestException.Parameter(
                $"end_step must be greater than start_step. Found start_step={start} and end_step={end}.");
        }

        var limit = fields.Int64("max_results") ?? MaxIntervalPoints;
        if (limit is < 1 or > MaxIntervalPoints)
        {
            throw RestException.Parameter(
                $"max_results must be between 1 and {MaxIntervalPoints}. Got {limit}.");
        }

        return SendAsync(context, history.Sample(ids, key, start, end, (int)limit));
    }

    private static IReadOnlyList<string> RunIds(RequestFields fields, string name)
    {
        var ids = fields.Texts(name);
        if (ids.Count == 0) throw RequestFields.Missing(name);
        return ids.Count <= MaxBulkRuns
            ? ids
            : throw RestException.Parameter(
                $"The request cannot specify more than {MaxBulkRuns} {name}. Received {ids.Count} {name}.");
    }

    private static Task SendAsync(HttpContext context, IEnumerable<(string Run, MetricPoint Point)> points) =>
        RestAnswer.SendListAsync(context, "metrics", points, static (json, item) =>
        {
            json.WriteStartObject();
            RunWriter.WritePoint(json, item.Point.Key, item.Point.Value, item.Point.Timestamp, item.Point.Step);
            json.WriteString("run_id", item.Run);
            json.WriteEndObject();
        });
}
