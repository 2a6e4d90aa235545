using System.Globalization;
using System.Text;

namespace Gyre.Bench.Tracking;

/// <summary>The rows that are logged: batches of 1000 points, 10 metrics of 100 steps each.</summary>
internal static class MetricBodies
{
    public const int Keys = 10;
    public const int Points = 1000;

    /// <summary>The points of a batch; batches of one run follow each other without a gap.</summary>
    public static IEnumerable<(string Key, double Value, long Timestamp, long Step)> Batch(int number)
    {
        for (var i = 0; i < Points; i++)
        {
            long step = (number * (Points / Keys)) + (i / Keys);
            yield return ($"metric_{i % Keys}", Math.Sin(step * 0.01 * ((i % Keys) + 1)), 1_700_000_000_000 + step, step);
        }
    }

    public static string LogBatch(string run, int number)
    {
        var body = new StringBuilder("{\"run_id\": \"").Append(run).Append("\", \"metrics\": [");
        foreach (var (key, value, timestamp, step) in Batch(number))
        {
            body.Append(CultureInfo.InvariantCulture,
                $"{{\"key\": \"{key}\", \"value\": {value:R}, \"timestamp\": {timestamp}, \"step\": {step}}}, ");
        }

        body.Length -= 2;
        return body.Append("], \"params\": [], \"tags\": []}").ToString();
    }

    public static string LogMetric(string run, int number) => string.Create(CultureInfo.InvariantCulture,
        $$"""
        {"run_uuid": "{{run}}", "run_id": "{{run}}", "key": "loss", "value": {{1.0 / (number + 1):R}},
         "timestamp": {{1_700_000_000_000 + number}}, "step": {{number}}}
        """);
}
