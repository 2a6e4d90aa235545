using System.Globalization;
using System.Runtime.InteropServices;
using Gyre.Serving.Requests;
using Gyre.Serving.Slots;
using Microsoft.AspNetCore.Http;

namespace Gyre.Serving.Http;

/// <summary>
/// The binary tensor extension of the Open Inference Protocol: JSON, followed by the bytes of tensors.
/// </summary>
internal static class BinaryTensors
{
    /// <summary>The header that tells where the JSON ends.</summary>
    public const string Header = "Inference-Header-Content-Length";

    /// <summary>What the header says; null when there is none, -1 when it is no length.</summary>
    public static int? HeaderLength(HttpRequest request)
    {
        if (!request.Headers.TryGetValue(Header, out var text)) return null;
        return int.TryParse(text.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var length) ? length : -1;
    }

    /// <summary>
    /// Takes a body as the only input of a model, without any JSON: what is free of the shape follows from its size.
    /// </summary>
    /// <exception cref="RequestRejectedException">The model has several inputs, or the size does not fit.</exception>
    public static InferenceRequest ReadWhole(ReadOnlySpan<byte> body, ServedModel model, InputCollector inputs)
    {
        var (datatype, shape) = OnlyInput(model);
        var name = inputs.Names[0];
        if (datatype.Size == 0)
        {
            // One text, without the length that each has where there are several.
            var length = body.Length;
            ReadOnlySpan<byte> element = [.. MemoryMarshal.AsBytes(new ReadOnlySpan<int>(in length)), .. body];
            for (var i = 0; i < shape.Length; i++) shape[i] = Math.Abs(shape[i]);
            inputs.Add(0, RawTensor.Open(name, datatype, shape, element));
        }
        else
        {
            Complete(name, shape, body.Length / datatype.Size);
            inputs.Add(0, RawTensor.Open(name, datatype, shape, body));
        }

        return new InferenceRequest(null, inputs.Build(), [], BinaryOutputs: true);
    }

    private static (TensorDatatype Datatype, long[] Shape) OnlyInput(ServedModel model)
    {
        if (model.Tensors is { Tensors: [var tensor] }) return (tensor.Datatype, [.. tensor.Shape]);
        if (model.Tensors is null && model.Inputs.Schema is { Count: 1 } columns)
            return (InferenceEndpoints.DatatypeOf(columns[0].Type), InferenceEndpoints.ShapeOf(columns[0]));
        throw RequestRejectedException.Whole(RejectionReason.BadJson,
            $"'{Header}: 0' sends one tensor without JSON; this model has {model.Tensors?.Tensors.Length ?? model.Inputs.Schema.Count} inputs.");
    }

    private static void Complete(string name, long[] shape, long elements)
    {
        var free = Array.IndexOf(shape, -1);
        if (free < 0) return;
        if (Array.LastIndexOf(shape, -1) != free)
        {
            throw RequestRejectedException.In(RejectionReason.BadShape, name,
                "more than one length is free; send the shape in JSON");
        }

        shape[free] = 1;
        var fixedElements = shape.Aggregate(1L, (product, length) => product * length);
        shape[free] = fixedElements > 0 ? elements / fixedElements : 0;
    }
}
