using System.Text.Json;
using Gyre.Serving.Engine;
using Gyre.Serving.Slots;

namespace Gyre.Serving.Requests;

/// <summary>
/// Reads the JSON of MLflow's and SageMaker's <c>/invocations</c>: an object with exactly one of
/// <c>dataframe_split</c>,
/// <c>dataframe_records</c>, <c>instances</c> and <c>inputs</c>, and optionally <c>params</c>, which is passed over.
/// </summary>
internal ref struct InvocationsReader
{
    private readonly ServedModel _model;
    private readonly RequestLimits _limits;
    private readonly ReadOnlySpan<byte> _body;
    private Utf8JsonReader _json;

    private InvocationsReader(ReadOnlySpan<byte> body, ServedModel model, RequestLimits limits)
    {
        (_model, _limits) = (model, limits);
        _body = JsonBody.WithoutMark(body);
        _json = JsonBody.Open(_body);
    }

    /// <summary>What the model takes.</summary>
    /// <exception cref="RequestRejectedException">The body is not acceptable.</exception>
    public static ModelInputs Read(ReadOnlySpan<byte> body, ServedModel model, RequestLimits limits)
    {
        var reader = new InvocationsReader(body, model, limits);
        try
        {
            return reader.ReadBody();
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException)
        {
            throw JsonBody.Explain(ref reader._json, body, null, 0, failure);
        }
    }

    private ModelInputs ReadBody()
    {
        const string Forms = "one of 'dataframe_split', 'dataframe_records', 'instances' and 'inputs'";
        JsonBody.Next(ref _json);
        JsonBody.Expect(ref _json, JsonTokenType.StartObject, $"an object with {Forms}");
        string? form = null;
        Utf8JsonReader data = default;
        while (_json.Read() && _json.TokenType is JsonTokenType.PropertyName)
        {
            if (_json.ValueTextEquals("params"u8))
            {
                _json.Skip();
                continue;
            }

            var name = _json.GetString()!; // a property name is never null
            if (form is not null || name is not ("dataframe_split" or "dataframe_records" or "instances" or "inputs"))
                throw Bad($"Expected exactly {Forms}, found '{RequestRejectedException.Shorten(form ?? name)}'"
                    + (form is null ? "." : $" and '{RequestRejectedException.Shorten(name)}'."));
            form = name;
            JsonBody.Next(ref _json);
            data = _json;
            _json.Skip();
        }

        JsonBody.ExpectEnd(ref _json);
        if (form is null) throw Bad($"Expected an object with {Forms}.");
        _json = data; // a failure from here on is explained by where this reader stands
        return _model.Tensors is { } tensors ? ReadTensors(form, tensors) : ReadFrame(form);
    }

    private ModelInputs ReadFrame(string form)
    {
        var frame = new FrameReader(_model.Inputs, _limits);
        switch (form)
        {
            case "dataframe_split": frame.ReadSplit(ref _json); break;
            case "inputs" when _json.TokenType is JsonTokenType.StartObject: frame.ReadColumns(ref _json); break;
            default: frame.ReadRows(ref _json); break;
        }

        return frame.Build();
    }

    private ModelInputs ReadTensors(string form, InputTensors tensors)
    {
        var frames = new TensorFrames(tensors, _limits);
        if (form is "dataframe_records" || (form is "instances" && IsOfRecords()))
            return frames.ReadRecords(ref _json, _body);
        if (form is "dataframe_split")
        {
            if (tensors.Tensors.Length > 1 || IsOfNestedCells(tensors.Tensors[0])) return frames.ReadSplit(ref _json, _body);
            FrameReader.FindData(ref _json);
        }

        var inputs = new TensorCollector(tensors, _limits);
        if (form is "inputs" && _json.TokenType is JsonTokenType.StartObject)
        {
            while (_json.Read() && _json.TokenType is JsonTokenType.PropertyName)
            {
                var index = inputs.IndexOf(ref _json);
                if (index < 0) throw InputCollector.Unknown(_json.GetString()!); // a property name is never null
                JsonBody.Next(ref _json);
                ReadTensor(inputs, tensors, index);
            }

            return inputs.Build();
        }

        if (tensors.Tensors.Length != 1)
            throw Bad($"The model has {tensors.Tensors.Length} inputs: send 'inputs' {{name: array}}, or records.");
        ReadTensor(inputs, tensors, 0);
        return inputs.Build();
    }

    private readonly bool IsOfRecords()
    {
        var first = _json;
        return first.TokenType is JsonTokenType.StartArray && first.Read() && first.TokenType is JsonTokenType.StartObject;
    }

    // Usually the rows of the frame are the tensor; a frame of one column may hold an array in each cell, though.
    private readonly bool IsOfNestedCells(InputTensor only)
    {
        var data = _json;
        FrameReader.FindData(ref data);
        var depth = 0;
        while (data.TokenType is JsonTokenType.StartArray && data.Read()) depth++;
        return depth == only.Shape.Length + 1;
    }

    private void ReadTensor(TensorCollector inputs, InputTensors tensors, int index)
    {
        var header = TensorHeader.Of(inputs.Names[index], index, tensors.Tensors[index].Datatype, _json);
        header.Available = _body.Length - _json.BytesConsumed + 1;
        inputs.Add(index, ref header, ref _json);
    }

    private static RequestRejectedException Bad(string problem) =>
        RequestRejectedException.Whole(RejectionReason.BadJson, problem);
}
