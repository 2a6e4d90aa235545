using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gyre.Bench;

/// <summary>What a search came to on one set, against the best single default.</summary>
/// <param name="Set">The set.</param>
/// <param name="Metric">The metric.</param>
/// <param name="Default">The best single trainer with default options.</param>
/// <param name="DefaultValue">Its value on the test rows.</param>
/// <param name="SearchValue">The search's.</param>
/// <param name="Improvement">How much better the search is; positive is better whichever way the metric runs.</param>
/// <param name="Lower">The lower end of its paired 95 % interval.</param>
/// <param name="Upper">The upper end.</param>
/// <param name="Chosen">What the search ended in.</param>
/// <param name="Trials">Its trials.</param>
/// <param name="Seconds">The time it took.</param>
/// <param name="Budget">The time it had.</param>
/// <param name="PeakMb">The most resident memory, in MB.</param>
/// <param name="AddedMb">How much of it came with the search.</param>
internal sealed record SearchRow(
    string Set, string Metric, string Default, double DefaultValue, double SearchValue, double Improvement, double Lower,
    double Upper, string Chosen, int Trials, double Seconds, double Budget, double PeakMb, double AddedMb)
{
    private const string Mark = "result ";

    /// <summary>An interval may have no ends.</summary>
    private static readonly JsonSerializerOptions Options = new()
    {
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    public string ToLine() => Mark + JsonSerializer.Serialize(this, Options);

    /// <summary>Reads a line back; null for any other line.</summary>
    public static SearchRow? Parse(string line) => line.StartsWith(Mark, StringComparison.Ordinal)
        ? JsonSerializer.Deserialize<SearchRow>(line.AsSpan(Mark.Length), Options) : null;

    /// <summary>The rows as a table in Markdown, and how many are better.</summary>
    public static IEnumerable<string> Table(IReadOnlyCollection<SearchRow> rows)
    {
        yield return "| set | metric | best single default | its value | search | better by [95 %] | chosen | trials "
            + "| s of budget | peak MB |";
        yield return "|---|---|---|---:|---:|---|---|---:|---:|---:|";
        foreach (var row in rows) yield return row.ToMarkdown();
        yield return "";
        yield return Invariant($"Better on {rows.Count(r => r.Improvement > 0)} of {rows.Count}, ") +
            Invariant($"beyond the interval on {rows.Count(r => r.Lower > 0)}; ") +
            Invariant($"worse beyond the interval on {rows.Count(r => r.Upper < 0)}; ") +
            Invariant($"longest use of time {rows.Select(r => r.Seconds / r.Budget).DefaultIfEmpty().Max():0.000} of the budget.");
    }

    private string ToMarkdown() =>
        Invariant($"| {Set} | {Metric} | {Default} | {DefaultValue:G6} | {SearchValue:G6} | ") +
        Invariant($"{Improvement:G3} [{Lower:G3}, {Upper:G3}] | ") +
        Invariant($"{Chosen} | {Trials} | {Seconds:0.0} of {Budget:0} | {PeakMb:0} (+{AddedMb:0}) |");

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
