using System.Data.Common;
using System.Globalization;

namespace Gyre.Tracking.Search;

/// <summary>One expression that rows are ordered by.</summary>
/// <param name="Value">The expression.</param>
/// <param name="Type">What it gives.</param>
/// <param name="Descending">True for the greatest first.</param>
/// <param name="Rank">
/// A whole number by which rows are ordered before the value, ascending always: 0 for usual values, then NaN, then
/// NULL. Null when there are only usual values.
/// </param>
internal sealed record SortKey(string Value, FieldType Type, bool Descending, string? Rank = null)
{
    /// <summary>A key whose NULLs come last in both directions.</summary>
    public static SortKey NullsLast(string value, FieldType type, bool descending) =>
        new(value, type, descending, $"CASE WHEN {value} IS NULL THEN 1 ELSE 0 END");

    public string Direction => Descending ? " DESC" : "";

    /// <summary>What a page token keeps of a row: round-trips through <see cref="Parse"/>.</summary>
    public string? Format(DbDataReader reader, int column) => reader.IsDBNull(column)
        ? null
        : Type switch
        {
            FieldType.Text => reader.GetString(column),
            FieldType.Integer => Convert.ToInt64(reader.GetValue(column), CultureInfo.InvariantCulture).ToString(
                CultureInfo.InvariantCulture),
            _ => reader.GetDouble(column).ToString("R", CultureInfo.InvariantCulture),
        };

    /// <summary>The value of a page token, or null when it is none of this type.</summary>
    public object? Parse(string text) => Type switch
    {
        FieldType.Text => text,
        FieldType.Integer => long.TryParse(
            text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) ? whole : null,
        _ => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var real) ? real : null,
    };
}
