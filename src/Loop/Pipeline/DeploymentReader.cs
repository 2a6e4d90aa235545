using System.Globalization;
using System.Text.Json.Nodes;
using Gyre.Serving.Traffic;
using Gyre.Tabular;

namespace Gyre.Loop.Pipeline;

/// <summary>Reads `deployment`: how a candidate that passed the gates comes to answer requests.</summary>
internal static class DeploymentReader
{
    private const string ColumnKey = "column:";

    private static readonly TimeSpan Shortest = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Longest = TimeSpan.FromDays(7);
    private static readonly TimeSpan Bound = TimeSpan.FromDays(3650);

    public static DeploymentSettings Read(YamlSection root, Schema columns, string target)
    {
        if (root.Section("deployment") is not { } section) return new DeploymentSettings();
        var policy = section.Choice("policy", DeploymentPolicy.Promote);
        var traffic = policy switch
        {
            DeploymentPolicy.Canary => Canary(section, columns, target),
            DeploymentPolicy.Shadow => new JsonObject { ["policy"] = "shadow", ["sample"] = Sample(section) },
            _ => null,
        };
        section.Close();
        return new DeploymentSettings { Policy = policy, Traffic = traffic?.ToJsonString() };
    }

    private static double Sample(YamlSection section) => section.Number("sample", 1, 0, 1) is > 0 and var sample
        ? sample : throw section.Error("sample", "must be above 0");

    private static JsonObject Canary(YamlSection section, Schema columns, string target)
    {
        var (shortest, longest) = (section.Duration("min_duration", Shortest), section.Duration("max_duration", Longest));
        if (longest > Bound) throw section.Error("max_duration", "is longer than 3650d");
        if (longest <= shortest)
        {
            throw section.Error(section.Has("max_duration") ? "max_duration" : "min_duration",
                $"max_duration, {Durations.Format(longest)}, is not longer than min_duration, {Durations.Format(shortest)}");
        }

        return new JsonObject
        {
            ["policy"] = "canary",
            ["steps"] = Steps(section),
            ["minRequests"] = section.Integer("min_requests", 100, 1),
            ["minDuration"] = Text(shortest),
            ["maxDuration"] = Text(longest),
            ["key"] = Key(section, columns, target),
            ["guards"] = Guards(section),
        };
    }

    private static JsonArray Steps(YamlSection section)
    {
        var texts = section.Texts("steps");
        if (texts.IsEmpty) return [1, 5, 25, 100];
        var steps = new JsonArray();
        var before = 0.0;
        foreach (var text in texts)
        {
            if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var step)
                || !(step > before && step <= 100))
                throw section.Error("steps", $"'{text}' is no percentage above the one before, up to 100");
            steps.Add(step);
            before = step;
        }

        return before == 100 ? steps : throw section.Error("steps", "do not end with 100");
    }

    private static string? Key(YamlSection section, Schema columns, string target)
    {
        switch (section.Text("key"))
        {
            case null or "header": return null;
            case var text when text.StartsWith(ColumnKey, StringComparison.Ordinal):
                var column = text[ColumnKey.Length..];
                if (!columns.Contains(column) || column == target)
                    throw section.Error("key", $"'{column}' is no column under `columns:` that a request has");
                return text;
            default: throw section.Error("key", "is neither 'header' nor 'column:' and the name of a column");
        }
    }

    private static JsonObject Guards(YamlSection deployment)
    {
        if (deployment.Section("guards") is not { } section) return [];
        var guards = new JsonObject
        {
            ["errors"] = section.Number("errors", 0.01, 0, 1),
            ["latency"] = section.Number("latency", 2, 1, 1e6),
            ["metric"] = Metric(section),
            ["metricWorse"] = section.Number("metric_worse", 0.05, 0, 1e6),
            ["minFeedback"] = section.Integer("min_feedback", 0, 0),
        };
        section.Close();
        return guards;
    }

    private static string? Metric(YamlSection section)
    {
        if (section.Text("metric") is not { } metric) return null;
        var names = TrafficControl.Metrics;
        return names.Contains(metric) ? metric
            : throw section.Error("metric", $"'{metric}' is not one of {string.Join(", ", names)}");
    }

    private static string Text(TimeSpan duration) =>
        string.Create(CultureInfo.InvariantCulture, $"{duration.TotalSeconds}s");
}
