using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.Json;
using Gyre.Primitives;
using Gyre.Serving.Traffic.Outcomes;

namespace Gyre.Serving.Traffic.Policies;

/// <summary>Reads policies from the JSON that the API takes and the database keeps.</summary>
internal static class PolicyReader
{
    private const int MostArms = 16;
    private const string HeaderKey = "header";
    private const string ColumnKey = "column:";

    private static readonly FrozenDictionary<string, Func<PolicyFields, TrafficPolicy>> Policies =
        new Dictionary<string, Func<PolicyFields, TrafficPolicy>>
        {
            [ChampionPolicy.PolicyName] = _ => new ChampionPolicy(),
            [CanaryPolicy.PolicyName] = ReadCanary,
            [ShadowPolicy.PolicyName] = ReadShadow,
            [AbPolicy.PolicyName] = ReadAb,
        }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Reads <c>{"policy": name, …}</c>.</summary>
    /// <exception cref="GyreException">A setting is unknown, missing or out of its range.</exception>
    public static TrafficPolicy Read(JsonElement json)
    {
        if (json.ValueKind is not JsonValueKind.Object)
        {
            throw GyreException.Invalid(
                "A policy is a JSON object such as {\"policy\": \"canary\", \"challenger\": 2}.");
        }

        var fields = new PolicyFields(json, "policy");
        var name = fields.Text("policy") ?? throw fields.Wrong("policy", $"is missing; there are {Names}");
        if (!Policies.TryGetValue(name, out var read)) throw fields.Wrong("policy", $"is none of {Names}");
        var policy = read(fields);
        fields.End();
        return policy;
    }

    private static string Names => string.Join(", ", Policies.Keys.Order(StringComparer.Ordinal));

    private static CanaryPolicy ReadCanary(PolicyFields fields)
    {
        var minimum = fields.Duration("minDuration", TimeSpan.FromMinutes(10));
        var policy = new CanaryPolicy(
            fields.Whole("challenger", null, 1), ReadSteps(fields), fields.Whole("minRequests", 100, 1), minimum,
            fields.Duration("maxDuration", TimeSpan.FromDays(7)), ReadGuards(fields.Fields("guards")))
        {
            KeyColumn = ReadKey(fields),
        };
        return policy.MaximumDuration > minimum ? policy
            : throw fields.Wrong("maxDuration", "is not longer than 'minDuration'");
    }

    private static ImmutableArray<double> ReadSteps(PolicyFields fields)
    {
        if (fields.Items("steps") is not { } items) return [1, 5, 25, 100];
        var steps = items
            .Select(item => item.ValueKind is JsonValueKind.Number ? item.GetDouble() : double.NaN).ToImmutableArray();
        var before = 0.0;
        foreach (var step in steps)
        {
            if (!(step > before && step <= 100)) throw fields.Wrong("steps", "are no rising percentages up to 100");
            before = step;
        }

        return before == 100 ? steps : throw fields.Wrong("steps", "do not end with 100");
    }

    private static CanaryGuards ReadGuards(PolicyFields fields)
    {
        var guards = new CanaryGuards(
            fields.Number("errors", 0.01, 0, 1), fields.Number("latency", 2, 1, 1e6), ReadMetric(fields),
            fields.Number("metricWorse", 0.05, 0, 1e6), fields.Whole("minFeedback", 0, 0),
            fields.Number("alpha", 0.001, 1e-12, 0.5));
        fields.End();
        return guards;
    }

    private static string? ReadMetric(PolicyFields fields) =>
        fields.Text("metric") is not { } name ? null
        : OutcomeMetric.Exists(name) ? name : throw fields.Wrong("metric", $"is none of {OutcomeMetric.Names}");

    private static ShadowPolicy ReadShadow(PolicyFields fields)
    {
        var challenger = fields.Whole("challenger", null, 1);
        var sample = fields.Number("sample", 1, 0, 1);
        return sample > 0 ? new ShadowPolicy(challenger, sample)
            : throw fields.Wrong("sample", "is not above 0");
    }

    private static AbPolicy ReadAb(PolicyFields fields)
    {
        var arms = (fields.Items("arms") ?? throw fields.Wrong("arms", "are missing"))
            .Select((arm, i) => ReadArm(arm, i)).ToImmutableArray();
        if (arms.Length is < 2 or > MostArms) throw fields.Wrong("arms", $"are not 2 to {MostArms}");
        if (arms.DistinctBy(arm => arm.Name).Count() < arms.Length) throw fields.Wrong("arms", "have a name twice");
        // The log tells versions, not arms: with one version in two arms nothing could be told apart.
        if (arms.DistinctBy(arm => arm.Version).Count() < arms.Length)
            throw fields.Wrong("arms", "have a version twice");
        var effect = fields.Number("effect", 0, 0, double.MaxValue);
        return new AbPolicy(
            arms, ReadMetric(fields), fields.Number("alpha", 0.05, 1e-12, 0.5), effect > 0 ? effect : null)
        {
            KeyColumn = ReadKey(fields),
        };
    }

    private static string? ReadKey(PolicyFields fields) => fields.Text("key") switch
    {
        null or HeaderKey => null,
        { Length: > 7 } text when text.StartsWith(ColumnKey, StringComparison.Ordinal) => text[ColumnKey.Length..],
        _ => throw fields.Wrong("key", "is neither 'header' nor 'column:' and the name of an input column"),
    };

    /// <summary>A key's source as <see cref="Read"/> takes it.</summary>
    public static string KeyText(string column) => ColumnKey + column;

    private static AbArm ReadArm(JsonElement json, int index)
    {
        if (json.ValueKind is not JsonValueKind.Object)
            throw GyreException.Invalid($"policy: arm {index} is no object");
        var fields = new PolicyFields(json, $"policy: arm {index}");
        var name = fields.Text("name") ?? throw fields.Wrong("name", "is missing");
        if (name.Length is 0 or > 64 || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
            throw fields.Wrong("name", "is not 1 to 64 letters, digits, '-', '_' or '.'");
        var arm = new AbArm(name, fields.Whole("version", null, 1), fields.Number("weight", 1, 0.0001, 1e6));
        fields.End();
        return arm;
    }
}
