using System.Globalization;
using Gyre.Data.Sql;
using Gyre.Primitives;
using Gyre.Tabular;

namespace Gyre.Data.Inspection;

/// <summary>What predicting a column means.</summary>
/// <param name="Task">The task.</param>
/// <param name="PositiveClass">Binary: the class of interest.</param>
/// <param name="Classes">Classification: classes and their rows, the most frequent first.</param>
internal sealed record TargetInference(TaskKind Task, string? PositiveClass, IReadOnlyList<(string Name, long Rows)> Classes)
{
    /// <summary>Whole numbers of at most so many values are classes.</summary>
    private const int MostIntegerClasses = 10;

    /// <summary>Strings of more values than this are no classes.</summary>
    private const int MostClasses = 1000;

    private static readonly string[] _affirmative =
        ["true", "yes", "y", "t", "1", "positive", "pos", "churned", "churn", "fraud", "default", "spam", "bad", ">50k"];

    /// <exception cref="GyreException">The column is all missing, constant, or of a type that cannot be predicted.</exception>
    public static TargetInference Of(SqlEngine engine, string table, ColumnProfile target, string place)
    {
        if (target.Distinct == 0) throw GyreException.Invalid($"{place}: the target '{target.Name}' has no value in any row");
        if (target.Distinct == 1) throw GyreException.Invalid($"{place}: the target '{target.Name}' has the same value in every row");
        if (target.Type is ColumnType.Timestamp or ColumnType.Id or ColumnType.Text)
            throw GyreException.Invalid($"{place}: the target '{target.Name}' is {target.Type}, which cannot be predicted");
        if (target.Type == ColumnType.Categorical && target.Distinct > MostClasses)
            throw GyreException.Invalid($"{place}: the target '{target.Name}' has {target.Distinct} classes, more than {MostClasses}");
        var isClasses = target.Type is ColumnType.Categorical or ColumnType.Boolean
            || (target.Type == ColumnType.Integer && target.Distinct <= MostIntegerClasses);
        if (!isClasses) return new TargetInference(TaskKind.Regression, null, []);
        var classes = Count(engine, table, target.Name);
        return target.Distinct > 2
            ? new TargetInference(TaskKind.Multiclass, null, classes)
            : new TargetInference(TaskKind.Binary, Positive(target, classes), classes);
    }

    private static List<(string, long)> Count(SqlEngine engine, string table, string column)
    {
        var name = SqlText.Name(column);
        var answer = engine.Query($"""
            SELECT CAST({name} AS VARCHAR) AS class, count(*) AS n FROM {table} WHERE {name} IS NOT NULL
            GROUP BY ALL ORDER BY n DESC, class
            """);
        return [.. Enumerable.Range(0, answer.RowCount).Select(row =>
            (answer.Columns[0].ValueAt(row) as string ?? "", (long)(answer.Columns[1].ValueAt(row) ?? 0L)))];
    }

    // A word that affirms; else of two numbers the greater; else the rarer class, which is what one looks for.
    private static string Positive(ColumnProfile target, List<(string Name, long Rows)> classes)
    {
        var affirmed = classes.Where(c => _affirmative.Contains(c.Name.ToLowerInvariant())).ToList();
        if (affirmed.Count == 1) return affirmed[0].Name;
        return target.Type == ColumnType.Integer
            ? classes.MaxBy(c => long.Parse(c.Name, CultureInfo.InvariantCulture)).Name
            : classes[^1].Name;
    }
}
