using System.Text.Json.Nodes;

namespace Gyre.Serving.Traffic;

/// <summary>Where a policy stands. Immutable; stored beside it.</summary>
/// <param name="Status">Whether it still decides about requests.</param>
/// <param name="Epoch">The revision that the policy was set with: what was counted belongs to it.</param>
/// <param name="Since">When it was set.</param>
/// <param name="Step">The index of a canary's present step.</param>
/// <param name="StepSince">When that step began.</param>
/// <param name="Champion">The champion when it was set; with another one the comparison makes no sense.</param>
/// <param name="Salt">Deals the keys.</param>
/// <param name="Reason">Why it stands so, one line.</param>
/// <param name="Decided">Whether a test has said something.</param>
internal sealed record TrafficState(
    TrafficStatus Status, long Epoch, DateTimeOffset Since, int Step, DateTimeOffset StepSince, int Champion,
    string Salt, string Reason, bool Decided)
{
    /// <summary>As it is stored.</summary>
    public JsonObject ToJson() => new()
    {
        ["status"] = Text(Status),
        ["epoch"] = Epoch,
        ["since"] = Since.ToUnixTimeMilliseconds(),
        ["step"] = Step,
        ["stepSince"] = StepSince.ToUnixTimeMilliseconds(),
        ["champion"] = Champion,
        ["salt"] = Salt,
        ["reason"] = Reason,
        ["decided"] = Decided,
    };

    /// <summary>Reads what <see cref="ToJson"/> made.</summary>
    public static TrafficState Parse(string text)
    {
        var json = JsonNode.Parse(text)!; // what this class wrote
        return new TrafficState(
            Enum.Parse<TrafficStatus>(((string)json["status"]!).Replace("-", "", StringComparison.Ordinal), true),
            (long)json["epoch"]!, Time("since"), (int)json["step"]!, Time("stepSince"), (int)json["champion"]!,
            (string)json["salt"]!, (string)json["reason"]!, (bool)json["decided"]!);

        DateTimeOffset Time(string name) => DateTimeOffset.FromUnixTimeMilliseconds((long)json[name]!);
    }

    /// <summary>A status as the API writes it.</summary>
    public static string Text(TrafficStatus status) =>
        status is TrafficStatus.RolledBack ? "rolled-back" : status.ToString().ToLowerInvariant();
}

/// <summary>Whether a policy still decides about requests.</summary>
internal enum TrafficStatus
{
    /// <summary>It decides, and changes by itself.</summary>
    Running,

    /// <summary>It decides, and goes no further by itself; what protects the champion stays on guard.</summary>
    Paused,

    /// <summary>It came to its end; the champion answers everything.</summary>
    Finished,

    /// <summary>It was taken back; the champion answers everything.</summary>
    RolledBack,
}
