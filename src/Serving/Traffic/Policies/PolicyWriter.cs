using System.Text.Json.Nodes;

namespace Gyre.Serving.Traffic.Policies;

/// <summary>Writes policies as <see cref="PolicyReader"/> reads them, with their defaults.</summary>
internal static class PolicyWriter
{
    /// <summary>The policy's JSON.</summary>
    public static JsonObject Write(TrafficPolicy policy)
    {
        var json = new JsonObject { ["policy"] = policy.Name };
        switch (policy)
        {
            case CanaryPolicy canary: Add(json, canary); break;
            case ShadowPolicy shadow:
                json["challenger"] = shadow.Challenger;
                json["sample"] = shadow.Sample;
                break;
            case AbPolicy test: Add(json, test); break;
        }

        // Left out where it is the usual one: an older server of the same database would not know it.
        if (policy.KeyColumn is { } column) json["key"] = PolicyReader.KeyText(column);
        return json;
    }

    private static void Add(JsonObject json, CanaryPolicy policy)
    {
        json["challenger"] = policy.Challenger;
        json["steps"] = new JsonArray([.. policy.Steps.Select(step => (JsonNode)step)]);
        json["minRequests"] = policy.MinimumRequests;
        json["minDuration"] = PolicyDuration.Format(policy.MinimumDuration);
        json["maxDuration"] = PolicyDuration.Format(policy.MaximumDuration);
        json["guards"] = new JsonObject
        {
            ["errors"] = policy.Guards.Errors,
            ["latency"] = policy.Guards.Latency,
            ["metric"] = policy.Guards.Metric,
            ["metricWorse"] = policy.Guards.MetricWorse,
            ["minFeedback"] = policy.Guards.MinimumFeedback,
            ["alpha"] = policy.Guards.Alpha,
        };
    }

    private static void Add(JsonObject json, AbPolicy policy)
    {
        json["arms"] = new JsonArray([.. policy.Arms.Select(arm => (JsonNode)new JsonObject
        {
            ["name"] = arm.Name, ["version"] = arm.Version, ["weight"] = arm.Weight,
        })]);
        json["metric"] = policy.Metric;
        json["alpha"] = policy.Alpha;
        json["effect"] = policy.Effect;
    }
}
