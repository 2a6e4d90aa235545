using System.Text.RegularExpressions;
using Gyre.Data.Sources;
using Gyre.Tabular;

namespace Gyre.Data.Inspection;

/// <summary>Decides what a column means.</summary>
internal static partial class TypeInference
{
    // Fewer rows than this prove nothing about a column whose values all differ.
    private const int RowsForUniqueness = 20;
    private const double NearlyUnique = 0.95;
    private const double MeanSpacesOfText = 3;
    private const double DistinctShareOfText = 0.2;
    private const long MostCategories = 1000;

    /// <summary>The type that the values show, before ids are considered; null when most are numbers and some are words.</summary>
    public static ColumnType? OfValues(TextStatistics s)
    {
        if (s.Column.SqlType != SourceColumn.Text && OfSqlType(s.Column.SqlType) is { } known) return known;
        if (s.Present == 0) return ColumnType.Categorical;
        if (s.Booleans == s.Present) return ColumnType.Boolean;
        if (s.Numbers == s.Present && s.Codes == 0) return s.Wholes == s.Present ? ColumnType.Integer : ColumnType.Numeric;
        if (s.Times == s.Present && s.Numbers == 0) return ColumnType.Timestamp;
        if (IsMixed(s)) return null;
        var distinctShare = s.Distinct / (double)s.Present;
        if (s.MeanSpaces >= MeanSpacesOfText && distinctShare > DistinctShareOfText && s.Distinct > MostCategories / 20)
            return ColumnType.Text;
        return s.Distinct > MostCategories && distinctShare > 0.5 && s.MeanSpaces >= 1 ? ColumnType.Text : ColumnType.Categorical;
    }

    /// <summary>Mostly numbers, and what is none is always a plain word, never a code such as `5+` or `12a`.</summary>
    public static bool IsMixed(TextStatistics s) =>
        s.Column.SqlType == SourceColumn.Text && s.Codes == 0
        && s.Numbers * 2 >= s.Present && s.Numbers < s.Present && s.Words == s.Present - s.Numbers;

    /// <summary>Whether the column names its rows: nearly no value repeats, and its name or its values say so.</summary>
    public static bool IsId(TextStatistics s, ColumnType type, bool consecutive)
    {
        var unique = s.Distinct >= s.Present * NearlyUnique;
        var named = IdName().IsMatch(s.Column.Name);
        return type switch
        {
            ColumnType.Integer => s.Present > 1 && ((named && unique) || (consecutive && s.Present >= RowsForUniqueness)),
            ColumnType.Categorical => s.Present > 1 && s.MeanSpaces < 1
                && ((named && s.Distinct > s.Present / 2.0) || (unique && s.Present >= RowsForUniqueness)),
            _ => false,
        };
    }

    private static ColumnType? OfSqlType(string sqlType) => sqlType switch
    {
        "BOOLEAN" => ColumnType.Boolean,
        "TINYINT" or "SMALLINT" or "INTEGER" or "BIGINT" or "UTINYINT" or "USMALLINT" or "UINTEGER" => ColumnType.Integer,
        "DOUBLE" or "FLOAT" or "UBIGINT" or "HUGEINT" or "UHUGEINT" => ColumnType.Numeric,
        "DATE" => ColumnType.Timestamp,
        _ when sqlType.StartsWith("DECIMAL", StringComparison.Ordinal) => ColumnType.Numeric,
        _ when sqlType.StartsWith("TIMESTAMP", StringComparison.Ordinal) => ColumnType.Timestamp,
        _ => null,
    };

    [GeneratedRegex(@"^(id|uid|uuid|guid|key|index|idx|row|instant|serial|seq|sequence|column1)$|(^|[_\W])(id|uuid|guid|key|nr|no)$|[a-z](Id|ID|Key|Uuid)$|^row_?(id|number|num|no|nr)$|^record_?(id|number)$", RegexOptions.IgnoreCase)]
    private static partial Regex IdName();
}
