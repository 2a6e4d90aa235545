using System.Text.Json;

namespace Gyre.Models.Packaging;

/// <summary>Reads a signature back from MLflow's JSON.</summary>
internal static class SignatureJson
{
    public static ModelSignature Read(string inputs, string outputs)
    {
        using var columns = JsonDocument.Parse(inputs);
        using var tensors = JsonDocument.Parse(outputs);
        return new ModelSignature(
            [.. columns.RootElement.EnumerateArray().Select(Column)],
            [.. tensors.RootElement.EnumerateArray().Select(Tensor)]);
    }

    private static SignatureColumn Column(JsonElement column) => new(
        column.GetProperty("name").GetString() ?? "",
        column.GetProperty("type").GetString() ?? "",
        !column.TryGetProperty("required", out var required) || required.GetBoolean());

    private static SignatureTensor Tensor(JsonElement tensor)
    {
        var specification = tensor.GetProperty("tensor-spec");
        return new SignatureTensor(
            tensor.GetProperty("name").GetString() ?? "",
            specification.GetProperty("dtype").GetString() ?? "",
            [.. specification.GetProperty("shape").EnumerateArray().Select(d => d.GetInt64())]);
    }
}
