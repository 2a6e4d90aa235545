using System.Globalization;
using System.Text;
using Gyre.Tabular;

namespace Gyre.Serving.Requests;

/// <summary>Fields of CSV as values of columns; an empty field is missing.</summary>
internal static class TextField
{
    /// <summary>Reads a field as the next row's value.</summary>
    /// <exception cref="RequestRejectedException">It is no value of the column.</exception>
    public static void Read(ColumnReader reader, ColumnDefinition column, string field)
    {
        if (field.Length == 0) ReadMissing(reader, column);
        else if (column.Type is ColumnType.Numeric or ColumnType.Integer) ReadNumber(reader, field);
        else if (column.Type is ColumnType.Boolean) ReadTruth(reader, field);
        else reader.Read(Encoding.UTF8.GetBytes(field));
    }

    private static void ReadMissing(ColumnReader reader, ColumnDefinition column)
    {
        if (!column.Nullable)
        {
            throw RequestRejectedException.At(RejectionReason.MissingValue, column.Name, reader.Count,
                "an empty field, but the column may not be missing");
        }

        reader.ReadAbsent();
    }

    private static void ReadNumber(ColumnReader reader, string field)
    {
        const NumberStyles Float = NumberStyles.Float;
        if (long.TryParse(field, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole)) reader.Read(whole);
        else if (double.TryParse(field, Float, CultureInfo.InvariantCulture, out var number)) reader.Read(number);
        else throw Reject(reader, field, "a number");
    }

    private static void ReadTruth(ColumnReader reader, string field)
    {
        if (bool.TryParse(field, out var truth)) reader.Read(truth);
        else if (field is "0" or "1") reader.Read(field == "1");
        else throw Reject(reader, field, "true or false");
    }

    private static RequestRejectedException Reject(ColumnReader reader, string field, string wanted) =>
        RequestRejectedException.At(RejectionReason.WrongType, reader.Name, reader.Count,
            $"\"{RequestRejectedException.Shorten(field)}\" is not {wanted}");
}

/// <summary>Splits CSV (RFC 4180: commas, quotes doubled inside quotes).</summary>
internal static class CsvText
{
    /// <summary>The rows, the header first; empty lines are passed over.</summary>
    /// <exception cref="RequestRejectedException">The text is not UTF-8, or a quote is not closed.</exception>
    public static IEnumerable<string[]> Rows(ReadOnlySpan<byte> utf8)
    {
        if (utf8.StartsWith("\uFEFF"u8)) utf8 = utf8[3..];
        if (!System.Text.Unicode.Utf8.IsValid(utf8))
            throw RequestRejectedException.Whole(RejectionReason.BadJson, "The CSV is not valid UTF-8.");
        return Split(Encoding.UTF8.GetString(utf8));
    }

    private static IEnumerable<string[]> Split(string text)
    {
        var fields = new List<string>();
        var field = new StringBuilder();
        var quoted = false;
        for (var i = 0; i <= text.Length; i++)
        {
            var c = i < text.Length ? text[i] : '\n';
            if (quoted && i == text.Length)
                throw RequestRejectedException.Whole(RejectionReason.BadJson, "A quote in the CSV is not closed.");
            if (quoted && c == '"' && i + 1 < text.Length && text[i + 1] == '"')
            {
                field.Append('"');
                i++;
            }
            else if (c == '"') quoted = !quoted;
            else if (quoted || c is not (',' or '\n' or '\r')) field.Append(c);
            else if (c is ',' or '\n')
            {
                fields.Add(field.ToString());
                field.Clear();
                if (c == ',') continue;
                if (fields is not [""]) yield return [.. fields];
                fields.Clear();
            }
        }
    }
}
