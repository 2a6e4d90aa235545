using Google.Protobuf;
using Gyre.Serving.Grpc.Protocol;

namespace Gyre.Serving.Tests.Grpc;

/// <summary>Requests that fit <see cref="FakeScorer"/>, whose prediction is temp × 2.</summary>
internal static class InferRequests
{
    /// <summary>One row with typed contents.</summary>
    public static ModelInferRequest Typed(double temp = 10.5, string model = "m")
    {
        var request = new ModelInferRequest { ModelName = model };
        request.Inputs.Add(Tensor("temp", "FP64", new InferTensorContents { Fp64Contents = { temp } }));
        request.Inputs.Add(Tensor("hour", "INT64", new InferTensorContents { Int64Contents = { 3 } }));
        request.Inputs.Add(Tensor("holiday", "BOOL", new InferTensorContents { BoolContents = { false } }));
        request.Inputs.Add(Tensor("weather", "BYTES",
            new InferTensorContents { BytesContents = { ByteString.CopyFromUtf8("clear") } }));
        request.Inputs.Add(Tensor("at", "INT64",
            new InferTensorContents { Int64Contents = { 1_325_376_000_000_000 } }));
        return request;
    }

    /// <summary>Rows with raw contents, whose temperatures are 1, 2, 3, ….</summary>
    public static ModelInferRequest Raw(int rows = 1, string model = "m")
    {
        var request = new ModelInferRequest { ModelName = model };
        AddRaw(request, "temp", "FP32", rows, row => BitConverter.GetBytes(row + 1f));
        AddRaw(request, "hour", "INT32", rows, row => BitConverter.GetBytes(row % 24));
        AddRaw(request, "holiday", "BOOL", rows, row => [(byte)(row % 2)]);
        AddRaw(request, "weather", "BYTES", rows, row => [3, 0, 0, 0, .. "dry"u8]);
        AddRaw(request, "at", "INT64", rows, row => BitConverter.GetBytes(1_325_376_000_000_000L + row));
        return request;
    }

    public static void AddRaw(
        ModelInferRequest request, string name, string datatype, int rows, Func<int, byte[]> element)
    {
        request.Inputs.Add(new ModelInferRequest.Types.InferInputTensor
        {
            Name = name, Datatype = datatype, Shape = { rows },
        });
        request.RawInputContents.Add(ByteString.CopyFrom([.. Enumerable.Range(0, rows).SelectMany(element)]));
    }

    public static ModelInferRequest.Types.InferInputTensor Tensor(
        string name, string datatype, InferTensorContents contents, params long[] shape)
    {
        var tensor = new ModelInferRequest.Types.InferInputTensor
        {
            Name = name, Datatype = datatype, Contents = contents,
        };
        tensor.Shape.AddRange(shape.Length > 0 ? shape : [1]);
        return tensor;
    }
}
