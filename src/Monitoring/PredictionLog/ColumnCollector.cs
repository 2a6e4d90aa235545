using System.Globalization;
using System.Text.Json;
using Gyre.Tabular;

namespace Gyre.Monitoring;

/// <summary>Collects the values of one column from JSON, row by row; a row without a value is missing.</summary>
internal abstract class ColumnCollector(ColumnDefinition definition)
{
    protected ColumnDefinition Definition => definition;

    public static ColumnCollector Create(ColumnDefinition definition) => definition.Type switch
    {
        ColumnType.Numeric => new NumberCollector(definition),
        ColumnType.Integer or ColumnType.Timestamp => new WholeCollector(definition),
        ColumnType.Boolean => new FlagCollector(definition),
        _ => new TextCollector(definition),
    };

    /// <summary>Begins a row, missing until it is read.</summary>
    public abstract void BeginRow();

    /// <summary>
    /// Sets the row's value from the reader's token; false when it does not fit. A null fits and is missing.
    /// </summary>
    public abstract bool TryRead(ref Utf8JsonReader reader);

    public abstract Column ToColumn();
}

internal sealed class NumberCollector(ColumnDefinition definition) : ColumnCollector(definition)
{
    private readonly List<double> _values = [];

    public override void BeginRow() => _values.Add(double.NaN);

    public override bool TryRead(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.Number) _values[^1] = reader.GetDouble();
        return reader.TokenType is JsonTokenType.Number or JsonTokenType.Null;
    }

    public override Column ToColumn() => new Column<double>(Definition.Name, Definition.Type, [.. _values]);
}

internal sealed class WholeCollector(ColumnDefinition definition) : ColumnCollector(definition)
{
    private readonly List<long> _values = [];
    private readonly List<bool> _missing = [];

    public override void BeginRow()
    {
        _values.Add(0);
        _missing.Add(true);
    }

    public override bool TryRead(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.Null) return true;
        if (!TryGet(ref reader, out var value)) return false;
        (_values[^1], _missing[^1]) = (value, false);
        return true;
    }

    public override Column ToColumn() =>
        new Column<long>(Definition.Name, Definition.Type, [.. _values], [.. _missing]);

    // A nullable whole number travels as a double; a timestamp may be text.
    private bool TryGet(ref Utf8JsonReader reader, out long value)
    {
        value = 0;
        if (reader.TokenType == JsonTokenType.String)
        {
            if (Definition.Type != ColumnType.Timestamp
                || !DateTimeOffset.TryParse(reader.GetString(), CultureInfo.InvariantCulture,
                    DateTimeStyles.AssumeUniversal, out var time)) return false;
            value = (time - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
            return true;
        }

        if (reader.TokenType != JsonTokenType.Number) return false;
        if (reader.TryGetInt64(out value)) return true;
        var number = reader.GetDouble();
        if (number != Math.Truncate(number) || Math.Abs(number) >= 1L << 62) return false;
        value = (long)number;
        return true;
    }
}

internal sealed class FlagCollector(ColumnDefinition definition) : ColumnCollector(definition)
{
    private readonly List<bool> _values = [];
    private readonly List<bool> _missing = [];

    public override void BeginRow()
    {
        _values.Add(false);
        _missing.Add(true);
    }

    public override bool TryRead(ref Utf8JsonReader reader)
    {
        bool? value = reader.TokenType switch
        {
            JsonTokenType.True => true,
            JsonTokenType.False => false,
            // A nullable flag travels as a double.
            JsonTokenType.Number when reader.GetDouble() is var number and (0 or 1) => number == 1,
            _ => null,
        };
        if (value is { } flag) (_values[^1], _missing[^1]) = (flag, false);
        return value is not null || reader.TokenType == JsonTokenType.Null;
    }

    public override Column ToColumn() =>
        new Column<bool>(Definition.Name, Definition.Type, [.. _values], [.. _missing]);
}

internal sealed class TextCollector(ColumnDefinition definition) : ColumnCollector(definition)
{
    private readonly List<string?> _values = [];

    public override void BeginRow() => _values.Add(null);

    public override bool TryRead(ref Utf8JsonReader reader)
    {
        // The empty string is how a missing category travels.
        if (reader.TokenType == JsonTokenType.String && reader.GetString() is { Length: > 0 } text) _values[^1] = text;
        return reader.TokenType is JsonTokenType.String or JsonTokenType.Null;
    }

    public override Column ToColumn() => CategoricalColumn.FromValues(Definition.Name, Definition.Type, _values);
}
