using Gyre.Data.Sources;
using Gyre.Data.Sql;
using Gyre.Primitives;

namespace Gyre.Data.Contracts;

/// <summary>Holds the newest row's time against the greatest age.</summary>
internal static class FreshnessCheck
{
    public static RuleResult Run(SqlEngine engine, Snapshot snapshot, FreshnessRule rule, DateTimeOffset now)
    {
        var action = rule.Action == RuleAction.Warn ? RuleAction.Warn : RuleAction.Fail;
        if (!snapshot.Schema.TryGet(rule.Column, out var column) || column.Type != Tabular.ColumnType.Timestamp)
            return new RuleResult(rule.Column, "freshness", action, 1, $"{rule.Column}: freshness needs a Timestamp column of that name");
        var answer = engine.Query(
            $"SELECT max({SqlText.Name(rule.Column)}) AS newest FROM read_parquet({SqlText.Literal(SourceFiles.Escape(snapshot.Path))})");
        if (answer.Columns[0].ValueAt(0) is not long microseconds)
            return new RuleResult(rule.Column, "freshness", action, 1, $"{rule.Column}: no row has a time");
        var newest = DateTimeOffset.UnixEpoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond);
        var age = now - newest;
        var message = string.Create(System.Globalization.CultureInfo.InvariantCulture,
            $"{rule.Column}: the newest row is of {newest:yyyy-MM-dd HH:mm:ss}, {age:d\\.hh\\:mm} old; the greatest age is {rule.MaxAge:d\\.hh\\:mm}");
        return new RuleResult(rule.Column, "freshness", action, age > rule.MaxAge ? 1 : 0, message);
    }
}
