using System.Collections.Immutable;
using System.Text.Json;

namespace Gyre.Serving.Requests;

/// <summary>
/// Reads <c>{id?, parameters?, inputs: [tensor], outputs?}</c> of the Open Inference Protocol v2 and, with the binary tensor
/// extension, the bytes of tensors that follow it. Properties may come in any order; unknown ones and unknown parameters are
/// passed over, as the protocol wants.
/// </summary>
internal ref struct InferenceRequestReader
{
    private readonly InputCollector _inputs;
    private readonly int _length;
    private Utf8JsonReader _json;
    private ReadOnlySpan<byte> _binary;
    private TensorHeader _tensor = new();
    private string? _id;
    private ImmutableArray<RequestedOutput> _outputs = [];
    private bool _binaryOutputs;

    private InferenceRequestReader(ReadOnlySpan<byte> json, ReadOnlySpan<byte> binary, InputCollector inputs)
    {
        _inputs = inputs;
        _length = json.Length;
        _binary = binary;
        _json = JsonBody.Open(json);
    }

    /// <summary>Reads a request.</summary>
    /// <param name="json">The JSON.</param>
    /// <param name="binary">The tensors' bytes behind it, or none.</param>
    /// <param name="inputs">Gathers what the model takes.</param>
    /// <exception cref="RequestRejectedException">The body is not acceptable.</exception>
    public static InferenceRequest Read(
        ReadOnlySpan<byte> json, ReadOnlySpan<byte> binary, InputCollector inputs)
    {
        var reader = new InferenceRequestReader(json, binary, inputs);
        try
        {
            return reader.ReadBody();
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException)
        {
            throw JsonBody.Explain(ref reader._json, json, reader._tensor.Name, reader._tensor.Row, failure);
        }
    }

    private InferenceRequest ReadBody()
    {
        var found = false;
        JsonBody.Next(ref _json);
        JsonBody.Expect(ref _json, JsonTokenType.StartObject, "an inference request, an object with 'inputs'");
        while (_json.Read() && _json.TokenType is JsonTokenType.PropertyName)
        {
            if (_json.ValueTextEquals("inputs"u8))
            {
                if (found) throw Bad("'inputs' is given twice.");
                found = true;
                ReadInputs();
            }
            else if (_json.ValueTextEquals("outputs"u8)) _outputs = ReadOutputs();
            else if (_json.ValueTextEquals("id"u8)) _id = ReadId();
            else if (_json.ValueTextEquals("parameters"u8)) _binaryOutputs |= ReadFlag("binary_data_output"u8) is true;
            else _json.Skip();
        }

        JsonBody.ExpectEnd(ref _json);
        if (!found) throw Bad("The property 'inputs' is missing.");
        if (!_binary.IsEmpty) throw Bad($"The body has {_binary.Length} bytes more than its tensors.");
        return new InferenceRequest(_id, _inputs.Build(), _outputs, _binaryOutputs);
    }

    private string? ReadId()
    {
        JsonBody.Next(ref _json);
        if (_json.TokenType is JsonTokenType.Null) return null;
        if (_id is not null) throw Bad("'id' is given twice.");
        JsonBody.Expect(ref _json, JsonTokenType.String, "a string as 'id'");
        return _json.GetString();
    }

    private ImmutableArray<RequestedOutput> ReadOutputs()
    {
        var outputs = ImmutableArray.CreateBuilder<RequestedOutput>();
        JsonBody.Next(ref _json);
        JsonBody.Expect(ref _json, JsonTokenType.StartArray, "an array of outputs");
        while (_json.Read() && _json.TokenType is not JsonTokenType.EndArray)
        {
            JsonBody.Expect(ref _json, JsonTokenType.StartObject, "an output to be an object with a name");
            string? name = null;
            bool? isBinary = null;
            while (_json.Read() && _json.TokenType is JsonTokenType.PropertyName)
            {
                if (_json.ValueTextEquals("name"u8))
                {
                    JsonBody.Next(ref _json);
                    JsonBody.Expect(ref _json, JsonTokenType.String, "a string as the name of an output");
                    name = _json.GetString();
                }
                else if (_json.ValueTextEquals("parameters"u8)) isBinary = ReadFlag("binary_data"u8);
                else _json.Skip();
            }

            outputs.Add(new RequestedOutput(name ?? throw Bad("An output has no name."), isBinary));
        }

        return outputs.ToImmutable();
    }

    /// <summary>A parameter that is true or false; null when it is not given.</summary>
    private bool? ReadFlag(ReadOnlySpan<byte> name)
    {
        bool? flag = null;
        JsonBody.Next(ref _json);
        if (_json.TokenType is not JsonTokenType.StartObject)
        {
            _json.Skip();
            return flag;
        }

        while (_json.Read() && _json.TokenType is JsonTokenType.PropertyName)
        {
            if (!_json.ValueTextEquals(name))
            {
                _json.Skip();
                continue;
            }

            JsonBody.Next(ref _json);
            flag = _json.TokenType switch
            {
                JsonTokenType.True => true,
                JsonTokenType.False => false,
                _ => throw Bad($"'{System.Text.Encoding.UTF8.GetString(name)}' is neither true nor false."),
            };
        }

        return flag;
    }

    private void ReadInputs()
    {
        JsonBody.Next(ref _json);
        JsonBody.Expect(ref _json, JsonTokenType.StartArray, "an array of tensors as 'inputs'");
        while (_json.Read() && _json.TokenType is not JsonTokenType.EndArray)
        {
            JsonBody.Expect(ref _json, JsonTokenType.StartObject, "a tensor to be an object");
            _tensor = new TensorHeader();
            ReadTensor();
            _tensor = new TensorHeader();
        }
    }

    // Data usually stands last and is read where it stands; when the header is not complete yet it is read afterwards.
    private void ReadTensor()
    {
        var given = Property.None;
        var isRead = false;
        Utf8JsonReader data = default;
        while (_json.Read() && _json.TokenType is JsonTokenType.PropertyName)
        {
            var property = PropertyOf(ref _json);
            if ((given & property) != 0) throw _tensor.Reject(RejectionReason.BadJson, $"'{property.ToString().ToLowerInvariant()}' is given twice");
            given |= property;
            switch (property)
            {
                case Property.Name: _tensor.ReadName(ref _json, _inputs); break;
                case Property.Datatype: _tensor.ReadDatatype(ref _json); break;
                case Property.Shape: _tensor.ReadShape(ref _json); break;
                case Property.Parameters: _tensor.ReadParameters(ref _json); break;
                case Property.Data:
                    JsonBody.Next(ref _json);
                    isRead = _tensor.IsComplete;
                    if (isRead) ReadData(ref _json);
                    else
                    {
                        data = _json;
                        _json.Skip();
                    }

                    break;
                default: _json.Skip(); break;
            }
        }

        _tensor.Require();
        if (_tensor.BinarySize >= 0) TakeBinary((given & Property.Data) != 0);
        else if ((given & Property.Data) == 0) throw _tensor.Reject(RejectionReason.BadJson, "the tensor has no 'data'");
        else if (!isRead) ReadData(ref data);
    }

    private void ReadData(scoped ref Utf8JsonReader data)
    {
        _tensor.Require();
        _tensor.Available = _length - data.BytesConsumed;
        _inputs.Add(_tensor.Index, ref _tensor, ref data);
    }

    private void TakeBinary(bool hasData)
    {
        if (hasData)
            throw _tensor.Reject(RejectionReason.BadJson, "the tensor has both 'data' and 'binary_data_size'");
        var size = _tensor.BinarySize;
        if (size > _binary.Length)
        {
            throw _tensor.Reject(RejectionReason.BadJson,
                $"'binary_data_size' is {size}, but {_binary.Length} bytes follow the JSON");
        }

        _tensor.Require();
        var raw = RawTensor.Open(_tensor.Name!, _tensor.Datatype!, _tensor.Shape, _binary[..(int)size]); // required above
        _inputs.Add(_tensor.Index, raw);
        _binary = _binary[(int)size..];
    }

    private static Property PropertyOf(ref Utf8JsonReader json)
    {
        var length = json.HasValueSequence || json.ValueIsEscaped ? 0 : json.ValueSpan.Length;
        return length switch
        {
            4 when json.ValueTextEquals("data"u8) => Property.Data,
            4 when json.ValueTextEquals("name"u8) => Property.Name,
            5 when json.ValueTextEquals("shape"u8) => Property.Shape,
            8 when json.ValueTextEquals("datatype"u8) => Property.Datatype,
            10 when json.ValueTextEquals("parameters"u8) => Property.Parameters,
            _ when !json.ValueIsEscaped => Property.None,
            _ when json.ValueTextEquals("data"u8) => Property.Data,
            _ when json.ValueTextEquals("name"u8) => Property.Name,
            _ when json.ValueTextEquals("shape"u8) => Property.Shape,
            _ when json.ValueTextEquals("datatype"u8) => Property.Datatype,
            _ when json.ValueTextEquals("parameters"u8) => Property.Parameters,
            _ => Property.None,
        };
    }

    private static RequestRejectedException Bad(string problem) =>
        RequestRejectedException.Whole(RejectionReason.BadJson, problem);

    [Flags]
    private enum Property
    {
        None = 0,
        Name = 1,
        Datatype = 2,
        Shape = 4,
        Parameters = 8,
        Data = 16,
    }
}
