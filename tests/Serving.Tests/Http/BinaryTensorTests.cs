using System.Globalization;
using Gyre.Fixtures;
using Gyre.Serving.Slots;

namespace Gyre.Serving.Tests.Http;

/// <summary>The binary tensor extension, asked for as Triton's client writes it: with Python's http.client and numpy.</summary>
public sealed class BinaryTensorTests
{
    [PythonTheory("numpy")]
    [InlineData("every_datatype")]
    [InlineData("mixed")]
    [InlineData("raw")]
    [InlineData("metadata")]
    public async Task PythonClient_Case_Passes(string testCase)
    {
        using var folder = new TemporaryFolder();
        var graph = testCase is "raw"
            ? OnnxGraph.Echo(("x", OnnxGraph.Float32, [-1, 2]))
            : OnnxGraph.Echo(Types.Select(type => (type.Key, type.Value, new long[] { -1 })).ToArray());
        File.WriteAllBytes(folder.File("g.onnx"), graph.Build());
        await using var serving = await ServingFixture.StartAsync(model: ScorerLoading.Load(folder.File("g.onnx")));
        var script = Path.Combine(TestData.Root, "tests", "Serving.Tests", "Http", "binary_client.py");

        var (exitCode, output) = Python.Run(
            script, serving.Address.Port.ToString(CultureInfo.InvariantCulture), testCase);

        Assert.True(exitCode == 0, output);
    }

    private static readonly Dictionary<string, int> Types = new()
    {
        ["BOOL"] = OnnxGraph.Bool, ["UINT8"] = OnnxGraph.UInt8, ["UINT16"] = OnnxGraph.UInt16,
        ["UINT32"] = OnnxGraph.UInt32, ["UINT64"] = OnnxGraph.UInt64, ["INT8"] = OnnxGraph.Int8,
        ["INT16"] = OnnxGraph.Int16, ["INT32"] = OnnxGraph.Int32, ["INT64"] = OnnxGraph.Int64,
        ["FP16"] = OnnxGraph.Float16, ["BF16"] = OnnxGraph.BFloat16, ["FP32"] = OnnxGraph.Float32,
        ["FP64"] = OnnxGraph.Float64, ["BYTES"] = OnnxGraph.Text,
    };
}
