using System.Collections.Immutable;
using Gyre.Serving.Engine;
using Gyre.Serving.Grpc.Wire;
using Gyre.Serving.Requests;
using Gyre.Serving.Slots;

namespace Gyre.Serving.Grpc.Inference;

/// <summary>
/// Writes a <c>ModelInferResponse</c>. Outputs go in the form in which the inputs came, raw or typed, as MLServer does
/// it; Triton's clients send raw contents and expect them.
/// </summary>
internal static class InferAnswer
{
    /// <summary>Writes the answer of a request.</summary>
    public static void Write(AnswerBuffer answer, ServedModel model, in InferTarget target,
        ImmutableArray<OutputTensor> outputs, in Prediction prediction)
    {
        var writer = new ProtoWriter(answer);
        writer.Write(InferFields.ModelName, model.Name);
        writer.Write(InferFields.ModelVersion, model.VersionText);
        if (target.Id.Length > 0) writer.Write(InferFields.Id, target.Id);
        WriteIds(writer, prediction.Ids);
        // FP16 and BF16 have no typed form; an answer is in one form as a whole.
        var isRaw = target.IsRaw || outputs.Any(output => TypedContents.ListOf(output.Datatype) == 0);
        foreach (var output in outputs) WriteOutput(writer, output, prediction.Outputs, isRaw);
        if (!isRaw) return;
        foreach (var output in outputs)
        {
            var start = writer.Begin(InferFields.RawOutputs);
            prediction.Outputs.WriteRaw(answer, output.Name);
            writer.End(start);
        }
    }

    // A parameter has one value: the ids of several rows are one text with commas.
    private static void WriteIds(ProtoWriter writer, string[] ids)
    {
        var entry = writer.Begin(InferFields.Parameters);
        writer.Write(InferFields.MapKey, ids.Length == 1 ? "predictionId" : "predictionIds");
        var value = writer.Begin(InferFields.MapValue);
        writer.Write(InferFields.StringParameter, ids.Length == 1 ? ids[0] : string.Join(',', ids));
        writer.End(value);
        writer.End(entry);
    }

    private static void WriteOutput(ProtoWriter writer, OutputTensor output, ModelOutputs outputs, bool isRaw)
    {
        var tensor = writer.Begin(InferFields.Tensors);
        writer.Write(InferFields.TensorName, output.Name);
        writer.Write(InferFields.TensorDatatype, output.Datatype.Name);
        var shape = writer.Begin(InferFields.TensorShape);
        foreach (var length in outputs.ShapeOf(output)) writer.WriteVarint((ulong)length);
        writer.End(shape);
        if (!isRaw)
        {
            using var raw = AnswerBuffer.Rent();
            outputs.WriteRaw(raw, output.Name);
            var contents = writer.Begin(InferFields.TensorContents);
            TypedContents.Write(writer, output.Datatype, raw.Written);
            writer.End(contents);
        }

        writer.End(tensor);
    }
}
