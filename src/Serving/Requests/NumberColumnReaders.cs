using System.Globalization;
using System.Text.Json;
using Gyre.Tabular;

namespace Gyre.Serving.Requests;

/// <summary>Numeric columns: finite JSON numbers within the range of float32, which the model computes with.</summary>
internal sealed class NumericColumnReader(ColumnDefinition definition) : ColumnReader(definition)
{
    private ValueBuffer<double> _values;

    public override bool Accepts(TensorDatatype datatype) => datatype.Kind is TensorKind.Float or TensorKind.Integer;

    protected override Column Take() => new Column<double>(Name, ColumnType.Numeric, _values.Take());

    protected override void AddMissing() => _values.Add(double.NaN);

    protected override void ReadValue(ref Utf8JsonReader json)
    {
        if (json.TokenType is JsonTokenType.String && NotFiniteText.Matches(json.ValueSpan))
            throw Reject(RejectionReason.NotFinite, "not a finite number; send null for a missing value");
        if (json.TokenType is not JsonTokenType.Number || !json.TryGetDouble(out var value))
            throw WrongType(ref json, "a number");
        ReadValue(value);
    }

    protected override void ReadValue(long value) => _values.Add(value);

    protected override void ReadValue(double value)
    {
        if (!(Math.Abs(value) <= float.MaxValue))
            throw Reject(RejectionReason.NotFinite, "the number is beyond the range of a 32-bit float");
        _values.Add(value);
    }
}

/// <summary>Integer columns: JSON numbers without a fraction (5 and 5.0, not 5.5).</summary>
internal sealed class IntegerColumnReader(ColumnDefinition definition) : MaskedColumnReader<long>(definition)
{
    private const string Wanted = "a whole number";

    public override bool Accepts(TensorDatatype datatype) => datatype.Kind is TensorKind.Float or TensorKind.Integer;

    protected override void ReadValue(ref Utf8JsonReader json)
    {
        if (json.TokenType is JsonTokenType.String && NotFiniteText.Matches(json.ValueSpan))
            throw Reject(RejectionReason.NotFinite, "not a finite number; send null for a missing value");
        Add(WholeNumber.TryRead(ref json, out var value) ? value : throw WrongType(ref json, Wanted));
    }

    protected override void ReadValue(long value) => Add(value);

    protected override void ReadValue(double value) => Add(WholeNumber.TryConvert(value, out var whole)
        ? whole : throw Unfit(value.ToString(CultureInfo.InvariantCulture), Wanted));
}

/// <summary>Boolean columns: true and false, and the numbers 1 and 0.</summary>
internal sealed class BooleanColumnReader(ColumnDefinition definition) : MaskedColumnReader<bool>(definition)
{
    public override bool Accepts(TensorDatatype datatype) => datatype.Kind is TensorKind.Bool or TensorKind.Integer;

    protected override void ReadValue(ref Utf8JsonReader json)
    {
        if (json.TokenType is JsonTokenType.True or JsonTokenType.False) Add(json.GetBoolean());
        else if (WholeNumber.TryRead(ref json, out var value) && value is 0 or 1) Add(value == 1);
        else throw WrongType(ref json, "true or false");
    }

    protected override void ReadValue(bool value) => Add(value);

    protected override void ReadValue(long value) => Add(value is 0 or 1
        ? value == 1 : throw Unfit(value.ToString(CultureInfo.InvariantCulture), "true or false"));
}

/// <summary>Reads whole numbers, also where they are written with an empty fraction.</summary>
internal static class WholeNumber
{
    // Above 2^53 a double no longer tells neighbouring whole numbers apart.
    private const double LargestExact = 9007199254740992;

    public static bool TryRead(ref Utf8JsonReader json, out long value)
    {
        value = 0;
        if (json.TokenType is not JsonTokenType.Number) return false;
        if (json.TryGetInt64(out value)) return true;
        return json.TryGetDouble(out var number) && TryConvert(number, out value);
    }

    /// <summary>The whole number that a finite one is, if it is one that doubles tell apart.</summary>
    public static bool TryConvert(double number, out long value)
    {
        var isWhole = Math.Abs(number) <= LargestExact && number == Math.Truncate(number);
        value = isWhole ? (long)number : 0;
        return isWhole;
    }
}

/// <summary>Recognises the texts by which writers of JSON spell numbers that JSON does not have.</summary>
internal static class NotFiniteText
{
    /// <summary>Whether the text is NaN or an infinity, as a whole.</summary>
    public static bool Matches(ReadOnlySpan<byte> text)
    {
        text = WithoutSign(text);
        return text.Length is 3 or 8 && Starts(text);
    }

    /// <summary>Whether the text begins with NaN or an infinity, with or without a sign.</summary>
    public static bool Starts(ReadOnlySpan<byte> text)
    {
        text = WithoutSign(text);
        return Begins(text, "nan"u8) || Begins(text, "inf"u8);
    }

    private static ReadOnlySpan<byte> WithoutSign(ReadOnlySpan<byte> text) =>
        text.Length > 0 && text[0] is (byte)'-' or (byte)'+' ? text[1..] : text;

    private static bool Begins(ReadOnlySpan<byte> text, ReadOnlySpan<byte> lower) =>
        text.Length >= lower.Length && System.Text.Ascii.EqualsIgnoreCase(text[..lower.Length], lower);
}
