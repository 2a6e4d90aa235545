using System.Collections.Immutable;
using System.Text.Json;
using Gyre.Tabular;

namespace Gyre.Serving.Requests;

/// <summary>
/// Reads <c>{id?, parameters?, inputs: [tensor per column], outputs?}</c> of the Open Inference Protocol v2. Properties
/// may come in any order; unknown ones and all parameters are passed over, as the protocol wants.
/// </summary>
internal ref struct InferenceRequestReader
{
    private readonly ReadOnlySpan<byte> _body;
    private readonly ColumnReader[] _readers;
    private readonly InputColumns _columns;
    private Utf8JsonReader _json;
    private TensorReader _tensor;
    private int _rows = -1;

    private InferenceRequestReader(ReadOnlySpan<byte> body, InputColumns columns)
    {
        _body = body;
        _columns = columns;
        _readers = columns.CreateReaders();
        _json = JsonBody.Open(body);
    }

    /// <summary>The request, its columns complete and of equal length.</summary>
    /// <exception cref="RequestRejectedException">The body is not acceptable.</exception>
    public static InferenceRequest Read(ReadOnlySpan<byte> body, InputColumns columns)
    {
        var reader = new InferenceRequestReader(body, columns);
        try
        {
            return reader.ReadBody();
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException)
        {
            throw JsonBody.Explain(ref reader._json, body, reader._tensor.Name, reader._tensor.Row, failure);
        }
    }

    private InferenceRequest ReadBody()
    {
        string? id = null;
        var outputs = ImmutableArray<string>.Empty;
        var found = false;
        JsonBody.Next(ref _json);
        JsonBody.Expect(ref _json, JsonTokenType.StartObject, "an inference request, an object with 'inputs'");
        while (_json.Read() && _json.TokenType is JsonTokenType.PropertyName)
        {
            if (_json.ValueTextEquals("inputs"u8))
            {
                if (found) throw RequestRejectedException.Whole(RejectionReason.BadJson, "'inputs' is given twice.");
                found = true;
                ReadInputs();
            }
            else if (_json.ValueTextEquals("outputs"u8)) outputs = ReadOutputs();
            else if (_json.ValueTextEquals("id"u8)) id = ReadId();
            else _json.Skip();
        }

        JsonBody.ExpectEnd(ref _json);
        if (!found) throw RequestRejectedException.Whole(RejectionReason.BadJson, "The property 'inputs' is missing.");
        foreach (var reader in _readers)
        {
            if (reader.Count > 0) continue;
            if (!reader.Optional || _rows < 0)
                throw RequestRejectedException.In(RejectionReason.MissingColumn, reader.Name, "missing from 'inputs'");
            for (var row = 0; row < _rows; row++) reader.ReadAbsent();
        }

        return new InferenceRequest(id, _columns.Build(_readers), outputs);
    }

    private string? ReadId()
    {
        JsonBody.Next(ref _json);
        if (_json.TokenType is JsonTokenType.Null) return null;
        JsonBody.Expect(ref _json, JsonTokenType.String, "a string as 'id'");
        return _json.GetString();
    }

    private ImmutableArray<string> ReadOutputs()
    {
        var names = ImmutableArray.CreateBuilder<string>();
        JsonBody.Next(ref _json);
        JsonBody.Expect(ref _json, JsonTokenType.StartArray, "an array of outputs");
        while (_json.Read() && _json.TokenType is not JsonTokenType.EndArray)
        {
            JsonBody.Expect(ref _json, JsonTokenType.StartObject, "an output to be an object with a name");
            string? name = null;
            while (_json.Read() && _json.TokenType is JsonTokenType.PropertyName)
            {
                if (_json.ValueTextEquals("name"u8))
                {
                    JsonBody.Next(ref _json);
                    JsonBody.Expect(ref _json, JsonTokenType.String, "a string as the name of an output");
                    name = _json.GetString();
                }
                else _json.Skip();
            }

            names.Add(name ?? throw RequestRejectedException.Whole(RejectionReason.BadJson, "An output has no name."));
        }

        return names.ToImmutable();
    }

    private void ReadInputs()
    {
        JsonBody.Next(ref _json);
        JsonBody.Expect(ref _json, JsonTokenType.StartArray, "an array of tensors as 'inputs'");
        while (_json.Read() && _json.TokenType is not JsonTokenType.EndArray)
        {
            JsonBody.Expect(ref _json, JsonTokenType.StartObject, "a tensor to be an object");
            _tensor = new TensorReader();
            _tensor.ReadHeader(ref _json);
            ReadColumn(_tensor.Name);
            _tensor = default;
        }
    }

    private void ReadColumn(string? name)
    {
        if (name is null) throw RequestRejectedException.Whole(RejectionReason.BadJson, "A tensor has no name.");
        var index = _columns.Schema.IndexOf(name);
        if (index < 0)
            throw RequestRejectedException.In(RejectionReason.UnknownColumn, name, "the model has no such input");
        var reader = _readers[index];
        if (reader.Count > 0)
            throw RequestRejectedException.In(RejectionReason.DuplicateColumn, name, "two tensors have this name");
        var rows = _tensor.ReadValues(reader);
        if (_rows >= 0 && rows != _rows)
        {
            throw RequestRejectedException.In(RejectionReason.BadShape, name,
                $"{rows} rows, but the tensors before it have {_rows}");
        }

        _rows = rows;
    }
}
