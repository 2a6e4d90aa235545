using System.Text.Json;
using Gyre.Serving.Engine;

namespace Gyre.Serving.Requests;

/// <summary>Reads <c>{"rows":[{column: value}, …]}</c>, the body of <c>POST /predict/{model}</c>.</summary>
internal ref struct RowsRequestReader
{
    private readonly ReadOnlySpan<byte> _body;
    private readonly InputColumns _columns;
    private readonly ColumnReader[] _readers;
    private Utf8JsonReader _json;
    private string? _column;
    private int _row;

    private RowsRequestReader(ReadOnlySpan<byte> body, InputColumns columns)
    {
        _body = body;
        _columns = columns;
        _readers = columns.Readers();
        _json = JsonBody.Open(body);
    }

    /// <summary>The rows as a table in the model's column order, at least one.</summary>
    /// <exception cref="RequestRejectedException">The body is not acceptable.</exception>
    public static TableInputs Read(ReadOnlySpan<byte> body, InputColumns columns)
    {
        var reader = new RowsRequestReader(body, columns);
        try
        {
            return reader.ReadBody();
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException)
        {
            throw JsonBody.Explain(ref reader._json, body, reader._column, reader._row, failure);
        }
    }

    private TableInputs ReadBody()
    {
        const string Form = "an object {\"rows\": [{column: value}]}";
        JsonBody.Next(ref _json);
        JsonBody.Expect(ref _json, JsonTokenType.StartObject, Form);
        var found = false;
        while (_json.Read() && _json.TokenType is JsonTokenType.PropertyName)
        {
            if (!_json.ValueTextEquals("rows"u8) || found)
            {
                throw RequestRejectedException.Whole(RejectionReason.BadJson,
                    $"Expected {Form}, found {(found ? "a second" : "the")} property " +
                    $"'{RequestRejectedException.Shorten(_json.GetString()!)}'."); // a property name is never null
            }

            found = true;
            ReadRows();
        }

        JsonBody.ExpectEnd(ref _json);
        if (!found) throw RequestRejectedException.Whole(RejectionReason.BadJson, "The property 'rows' is missing.");
        if (_row == 0) throw RequestRejectedException.Whole(RejectionReason.NoRows, "'rows' is empty.");
        return _columns.Build(_readers);
    }

    private void ReadRows()
    {
        JsonBody.Next(ref _json);
        JsonBody.Expect(ref _json, JsonTokenType.StartArray, "an array of rows as 'rows'");
        while (_json.Read() && _json.TokenType is not JsonTokenType.EndArray)
        {
            JsonBody.Expect(ref _json, JsonTokenType.StartObject, $"row {_row} to be an object {{column: value}}");
            ReadRow();
            _row++;
        }
    }

    private void ReadRow()
    {
        var next = 0;
        while (_json.Read() && _json.TokenType is JsonTokenType.PropertyName)
        {
            var index = _columns.Names.IndexOf(ref _json, next);
            if (index < 0)
            {
                throw RequestRejectedException.At(RejectionReason.UnknownColumn, _json.GetString()!, _row, // never null
                    "the model has no such column");
            }

            var reader = _readers[index];
            if (reader.Count > _row)
                throw RequestRejectedException.At(RejectionReason.DuplicateColumn, reader.Name, _row, "given twice");
            _column = reader.Name;
            JsonBody.Next(ref _json);
            reader.Read(ref _json);
            _column = null;
            next = index + 1;
        }

        foreach (var reader in _readers)
        {
            if (reader.Count > _row) continue;
            if (reader.Optional) reader.ReadAbsent();
            else
                throw RequestRejectedException.At(RejectionReason.MissingColumn, reader.Name, _row, "missing");
        }
    }
}
