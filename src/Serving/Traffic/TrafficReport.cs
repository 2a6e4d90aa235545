using System.Globalization;
using System.Text.Json.Nodes;
using Gyre.Serving.Traffic.Canary;
using Gyre.Serving.Traffic.Policies;
using Gyre.Serving.Traffic.Shadow;
using Gyre.Serving.Traffic.Statistics;
using Gyre.Serving.Traffic.Storage;

namespace Gyre.Serving.Traffic;

/// <summary>Tells where a model's traffic stands, as JSON for the API and the command. Thread-safe.</summary>
internal sealed class TrafficReport(EvidenceReader evidence, ShadowStore shadows)
{
    /// <summary>A model that never had a policy.</summary>
    public static JsonObject OfChampion(string model, int champion) => new()
    {
        ["model"] = model,
        ["policy"] = PolicyWriter.Write(new ChampionPolicy()),
        ["status"] = TrafficState.Text(TrafficStatus.Finished),
        ["champion"] = champion,
        ["arms"] = new JsonArray(new JsonObject
        {
            ["arm"] = RoutedModel.ChampionArm, ["version"] = champion, ["share"] = 1,
        }),
    };

    /// <summary>A policy in one line.</summary>
    public static string Describe(TrafficPolicy policy) => policy switch
    {
        CanaryPolicy canary => string.Create(CultureInfo.InvariantCulture,
            $"canary of version {canary.Challenger} in steps of {string.Join(", ", canary.Steps)} %"),
        ShadowPolicy shadow => string.Create(CultureInfo.InvariantCulture,
            $"version {shadow.Challenger} as the shadow of {shadow.Sample:P0} of the requests"),
        AbPolicy test => "A/B test of " + string.Join(", ", test.Arms.Select(arm =>
            string.Create(CultureInfo.InvariantCulture, $"{arm.Name} = version {arm.Version} at {arm.Weight}"))),
        _ => "the champion alone",
    };

    /// <summary>A model's policy, where it stands, and what its arms did.</summary>
    public JsonObject Of(TrafficRow row)
    {
        var json = new JsonObject
        {
            ["model"] = row.Model,
            ["policy"] = PolicyWriter.Write(row.Policy),
            ["status"] = TrafficState.Text(row.State.Status),
            ["reason"] = row.State.Reason,
            ["champion"] = row.State.Champion,
            ["since"] = Time(row.State.Since),
            ["changedAt"] = Time(row.ChangedAt),
            ["changedBy"] = row.ChangedBy,
            ["revision"] = row.Revision,
        };
        if (row.Policy is CanaryPolicy canary)
        {
            json["step"] = new JsonObject
            {
                ["number"] = row.State.Step + 1,
                ["of"] = canary.Steps.Length,
                ["percent"] = canary.Steps[row.State.Step],
                ["since"] = Time(row.State.StepSince),
            };
        }

        AddOutcome(json, row);
        return json;
    }

    /// <summary>The figures behind an event.</summary>
    public JsonObject Evidence(TrafficRow row, string by, string reason)
    {
        var json = new JsonObject { ["by"] = by, ["reason"] = reason };
        if (row.Policy is CanaryPolicy canary) json["percent"] = canary.Steps[row.State.Step];
        AddOutcome(json, row);
        return json;
    }

    private void AddOutcome(JsonObject json, TrafficRow row)
    {
        var outcomes = evidence.Outcomes(row, MetricOf(row.Policy));
        json["metric"] = outcomes?.Metric;
        json["arms"] = new JsonArray([.. Arms(row).Select(arm =>
            (JsonNode)Arm(arm, evidence.Of(row, arm.Name), outcomes?.Of(arm.Version) ?? default))]);
        if (row.Policy is ShadowPolicy) json["shadow"] = Shadow(shadows.Read(row.Model, row.State.Epoch));
        if (row.Policy is AbPolicy test && outcomes is not null) json["test"] = Test(test, outcomes);
    }

    private static string? MetricOf(TrafficPolicy policy) =>
        policy is CanaryPolicy canary ? canary.Guards.Metric : (policy as AbPolicy)?.Metric;

    private static IEnumerable<(string Name, int Version, double Share)> Arms(TrafficRow row)
    {
        switch (row.Policy)
        {
            case CanaryPolicy canary:
                var share = row.IsActive ? canary.Steps[row.State.Step] / 100 : 0;
                return [(RoutedModel.ChampionArm, row.State.Champion, 1 - share),
                    (RoutedModel.CanaryArm, canary.Challenger, share)];
            case AbPolicy test:
                var total = test.Arms.Sum(arm => arm.Weight);
                return test.Arms.Select(arm => (arm.Name, arm.Version, row.IsActive ? arm.Weight / total : 0));
            default:
                return [(RoutedModel.ChampionArm, row.State.Champion, 1.0)];
        }
    }

    private static JsonObject Arm(
        (string Name, int Version, double Share) arm, ArmCounts counts, RunningMoments outcome) => new()
    {
        ["arm"] = arm.Name,
        ["version"] = arm.Version,
        ["share"] = arm.Share,
        ["requests"] = counts.Requests,
        ["failed"] = counts.Failed,
        ["refused"] = counts.Refused,
        ["p50Ms"] = Milliseconds(counts.Latency.Quantile(0.5)),
        ["p99Ms"] = Milliseconds(counts.Latency.Quantile(0.99)),
        ["feedback"] = outcome.Count,
        ["mean"] = outcome.Count > 0 ? outcome.Mean : null,
    };

    private static JsonObject Shadow(ShadowTotals totals) => new()
    {
        ["requests"] = totals.Requests,
        ["rows"] = totals.Difference.Rows,
        ["equalRows"] = totals.Difference.EqualRows,
        ["meanDifference"] =
            totals.Difference.Numbers > 0 ? totals.Difference.Absolute / totals.Difference.Numbers : null,
        ["largestDifference"] = totals.Difference.Numbers > 0 ? totals.Difference.Largest : null,
        ["failed"] = totals.Failed,
        ["dropped"] = totals.Dropped,
        ["championP50Ms"] = Milliseconds(totals.Champion.Quantile(0.5)),
        ["championP99Ms"] = Milliseconds(totals.Champion.Quantile(0.99)),
        ["challengerP50Ms"] = Milliseconds(totals.Challenger.Quantile(0.5)),
        ["challengerP99Ms"] = Milliseconds(totals.Challenger.Quantile(0.99)),
    };

    private static JsonArray Test(AbPolicy test, Outcomes.Outcomes outcomes) =>
        new([.. AbJudge.Compare(test, outcomes).Select(verdict => (JsonNode)new JsonObject
        {
            ["arm"] = verdict.Arm.Name,
            ["against"] = test.Arms[0].Name,
            ["difference"] = verdict.Result.Difference,
            ["lower"] = Finite(verdict.Result.Lower),
            ["upper"] = Finite(verdict.Result.Upper),
            ["pValue"] = verdict.Result.PValue,
            ["verdict"] = verdict.Verdict,
        })]);

    private static double? Finite(double value) => double.IsFinite(value) ? value : null;

    private static double? Milliseconds(TimeSpan? time) => time is { } t ? Math.Round(t.TotalMilliseconds, 3) : null;

    private static string Time(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
