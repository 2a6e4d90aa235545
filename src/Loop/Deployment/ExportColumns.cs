using System.Globalization;
using System.Text.Json;
using Gyre.Tabular;

namespace Gyre.Loop.Deployment;

/// <summary>
/// The columns of an export, found while its rows pass by: which names there are, and which type holds all values of
/// each. In the intermediate file columns have numbers for names, so that an input may be called like anything else.
/// </summary>
internal sealed class ExportColumns
{
    private readonly Dictionary<(bool IsOutput, string Name), ExportColumn> _columns = [];

    /// <summary>In order of appearance, inputs first.</summary>
    public IEnumerable<ExportColumn> All =>
        _columns.Values.OrderBy(column => column.IsOutput).ThenBy(column => column.Number);

    /// <summary>Writes a value of an input, or of a part of the output, under its column's number.</summary>
    public void Write(Utf8JsonWriter json, bool isOutput, string name, JsonElement value)
    {
        if (!_columns.TryGetValue((isOutput, name), out var column))
            _columns.Add((isOutput, name), column = new ExportColumn(isOutput, name, _columns.Count));
        column.See(value);
        json.WritePropertyName(column.Key);
        if (value.ValueKind is JsonValueKind.Array or JsonValueKind.Object) json.WriteStringValue(value.GetRawText());
        else value.WriteTo(json);
    }
}

/// <summary>One of them.</summary>
internal sealed class ExportColumn(bool isOutput, string name, int number)
{
    private bool _hasWhole;
    private bool _hasReal;
    private bool _hasFlag;
    private bool _hasText;

    public bool IsOutput => isOutput;

    public string Name => name;

    public int Number => number;

    /// <summary>The name in the intermediate file.</summary>
    public string Key { get; } = "c" + number.ToString(CultureInfo.InvariantCulture);

    /// <summary>DuckDB's type for all values seen.</summary>
    public string SqlType => (_hasText, _hasFlag, _hasReal, _hasWhole) switch
    {
        (false, false, false, true) => "BIGINT",
        (false, false, true, _) => "DOUBLE",
        (false, true, false, false) => "BOOLEAN",
        _ => "VARCHAR",
    };

    public void See(JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Null: break;
            case JsonValueKind.Number when value.TryGetInt64(out _): _hasWhole = true; break;
            case JsonValueKind.Number: _hasReal = true; break;
            case JsonValueKind.True or JsonValueKind.False: _hasFlag = true; break;
            default: _hasText = true; break;
        }
    }

    /// <summary>The column as SQL gives it out: of whole numbers that are times, the times.</summary>
    public string Expression(Schema? schema) =>
        !isOutput && SqlType == "BIGINT" && schema is not null && schema.TryGet(name, out var known)
            && known.Type == ColumnType.Timestamp
            ? $"make_timestamp({Key})" : Key;
}
