using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Gyre.Primitives;

namespace Gyre.Cli.Commands;

/// <summary>What `gyre traffic` reads from its options and writes to the terminal.</summary>
internal static class TrafficText
{
    private const int BarWidth = 30;

    /// <summary>Numbers separated by commas; null stays null.</summary>
    /// <exception cref="GyreException">One is none.</exception>
    public static JsonArray? Numbers(string option, string? text) => text is null ? null
        : new JsonArray([.. text.Split(',').Select(part => (JsonNode)Number(option, part))]);

    /// <summary>NAME=VERSION[:WEIGHT].</summary>
    /// <exception cref="GyreException">The text is not of that form.</exception>
    public static JsonObject Arm(string text)
    {
        var parts = text.Split('=', ':');
        if (parts.Length is < 2 or > 3 || !text.Contains('=') || !int.TryParse(parts[1], CultureInfo.InvariantCulture, out var version))
            throw GyreException.Invalid($"--arm: '{text}' is not NAME=VERSION[:WEIGHT], such as new=7:50");
        var arm = new JsonObject { ["name"] = parts[0], ["version"] = version };
        if (parts.Length == 3) arm["weight"] = Number("--arm", parts[2]);
        return arm;
    }

    /// <summary>A model's traffic as lines and bars.</summary>
    public static string Picture(JsonObject traffic)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture,
            $"{traffic["model"]}: {traffic["policy"]?["policy"]}, {traffic["status"]}");
        if (traffic["step"] is { } step && (string?)traffic["status"] is "running" or "paused")
            text.Append(CultureInfo.InvariantCulture, $", step {step["number"]} of {step["of"]} at {step["percent"]} %");
        text.AppendLine();
        if (traffic["reason"]?.ToString() is { Length: > 0 } reason) text.AppendLine(reason);
        foreach (var arm in traffic["arms"]?.AsArray() ?? []) AppendArm(text, arm!.AsObject(), (string?)traffic["metric"]);
        if (traffic["shadow"] is JsonObject shadow) AppendShadow(text, shadow);
        foreach (var test in traffic["test"]?.AsArray() ?? [])
        {
            text.AppendLine(CultureInfo.InvariantCulture,
                $"{test!["arm"]} against {test["against"]}: {test["verdict"]}, {Short(test["difference"])} "
                + $"({Short(test["lower"])} to {Short(test["upper"])}), p = {Short(test["pValue"])}");
        }

        return text.ToString().TrimEnd();
    }

    private static void AppendArm(StringBuilder text, JsonObject arm, string? metric)
    {
        var share = (double)arm["share"]!; // always there
        var filled = (int)Math.Round(share * BarWidth);
        text.Append(CultureInfo.InvariantCulture,
            $"  {arm["arm"],-12} version {arm["version"],-4} {new string('█', filled)}{new string('·', BarWidth - filled)} {share,6:P1}");
        if (arm["requests"] is { } requests)
        {
            text.Append(CultureInfo.InvariantCulture,
                $"  {requests} requests, {arm["failed"]} failed, {arm["refused"]} refused, p99 {Short(arm["p99Ms"])} ms");
        }

        if (arm["mean"] is { } mean)
            text.Append(CultureInfo.InvariantCulture, $", {metric} {Short(mean)} over {arm["feedback"]} rows");
        text.AppendLine();
    }

    private static void AppendShadow(StringBuilder text, JsonObject shadow) => text.AppendLine(
        CultureInfo.InvariantCulture,
        $"  compared {shadow["requests"]} requests: {shadow["equalRows"]} of {shadow["rows"]} rows equal, differences "
        + $"{Short(shadow["meanDifference"])} on average, {Short(shadow["largestDifference"])} at most; "
        + $"{shadow["failed"]} failed, {shadow["dropped"]} dropped; scoring p99 {Short(shadow["challengerP99Ms"])} ms, "
        + $"the champion's {Short(shadow["championP99Ms"])} ms");

    private static string Short(JsonNode? number) =>
        number is null ? "–" : ((double)number).ToString("0.####", CultureInfo.InvariantCulture);

    private static double Number(string option, string text) =>
        double.TryParse(text, CultureInfo.InvariantCulture, out var number) ? number
            : throw GyreException.Invalid($"{option}: '{text}' is no number");
}
