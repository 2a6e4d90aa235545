using System.Globalization;
using System.Text.Json;
using Gyre.Tabular;

namespace Gyre.Serving.Requests;

/// <summary>Categorical, Text and Id columns: strings.</summary>
internal sealed class StringColumnReader(ColumnDefinition definition) : ColumnReader(definition)
{
    private readonly List<string?> _values = new(1);
    private readonly KnownTexts _known = new(definition);

    public override bool Accepts(TensorDatatype datatype) => datatype.Kind is TensorKind.Bytes;

    protected override Column Take()
    {
        // One row, the usual request, needs no look-up of distinct values, and often no column of its own.
        var column = _values is [{ } only]
            ? _known.ColumnOf(only)
            : CategoricalColumn.FromValues(Name, Definition.Type, _values);
        _values.Clear();
        return column;
    }

    protected override void AddMissing() => _values.Add(null);

    protected override void ReadValue(ref Utf8JsonReader json)
    {
        if (json.TokenType is not JsonTokenType.String) throw WrongType(ref json, "a string");
        _values.Add(!json.ValueIsEscaped && _known.Find(json.ValueSpan) is { } known
            ? known : _known.Remember(json.GetString()!)); // a string token has text
    }

    protected override void ReadValue(ReadOnlySpan<byte> bytes) =>
        _values.Add(_known.Find(bytes) ?? _known.Remember(ReadText(bytes)));
}

/// <summary>
/// Timestamp columns: whole microseconds since 1970-01-01 UTC, or ISO 8601 text; text without an offset is UTC.
/// </summary>
internal sealed class TimestampColumnReader(ColumnDefinition definition) : MaskedColumnReader<long>(definition)
{
    private const string Wanted = "a time (ISO 8601 text, or microseconds since 1970 as a whole number)";

    private static readonly string[] Formats =
    [
        "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd HH:mm:ss.FFFFFFFK", "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd HH:mmK",
        "yyyy-MM-dd",
    ];

    public override bool Accepts(TensorDatatype datatype) => datatype.Kind is TensorKind.Bytes or TensorKind.Integer;

    protected override void ReadValue(ref Utf8JsonReader json)
    {
        if (WholeNumber.TryRead(ref json, out var microseconds)) Add(microseconds);
        else if (json.TokenType is JsonTokenType.String && TryParse(json.GetString(), out microseconds))
            Add(microseconds);
        else throw WrongType(ref json, Wanted);
    }

    protected override void ReadValue(long value) => Add(value);

    protected override void ReadValue(ReadOnlySpan<byte> bytes)
    {
        var text = ReadText(bytes);
        if (!TryParse(text, out var microseconds))
            throw Unfit($"\"{RequestRejectedException.Shorten(text)}\"", Wanted);
        Add(microseconds);
    }

    private static bool TryParse(string? text, out long microseconds)
    {
        var parsed = DateTimeOffset.TryParseExact(text, Formats, CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time);
        microseconds = (time - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
        return parsed;
    }
}
