using System.Collections.Immutable;
using System.Text.Json;
using Gyre.Fixtures;
using Gyre.Primitives;
using Gyre.Tabular;

namespace Gyre.Models.Tests;

public sealed class ModelPackageTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static ModelPackageContent Content { get; } = new(
        OnnxExporter.Export(TestModels.RandomTrees(TaskKind.Binary, 5, 3, seed: 1), [], TestModels.Raw),
        "0197d0d0a0b0c0d0e0f0a1b2c3d4e5f6", "12345678901234567890123456789012",
        new DateTimeOffset(2026, 1, 2, 3, 4, 5, 678, TimeSpan.Zero), TestModels.Rows(9, seed: 1),
        [PackageFile.OfText("model_card.md", "# card"), PackageFile.OfText("plots/roc.json", "{}")])
    {
        Metadata = ImmutableSortedDictionary<string, string>.Empty.Add("snapshot", "abc: 'def'"),
    };

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Read_WrittenPackage_GivesBackWhatWasWritten()
    {
        var path = _folder.File("model");

        await ModelPackage.WriteAsync(path, Content);

        var manifest = ModelPackage.Read(path);
        Assert.Equal(Content.ModelId, manifest.ModelId);
        Assert.Equal(Content.RunId, manifest.RunId);
        Assert.Equal(Content.CreatedAt, manifest.CreatedAt);
        Assert.Equal(Content.Onnx.Length, manifest.SizeBytes);
        Assert.Equal("abc: 'def'", manifest.Metadata["snapshot"]);
        using var scorer = ModelScorer.Load(path);
        Assert.Equal(scorer.Signature.InputsJson, manifest.Signature.InputsJson);
        Assert.Equal(scorer.Signature.OutputsJson, manifest.Signature.OutputsJson);
        Assert.Equal("# card", File.ReadAllText(Path.Combine(path, "model_card.md")));
        Assert.True(File.Exists(Path.Combine(path, "plots", "roc.json")));
    }

    [Fact]
    public async Task WriteAsync_Package_IsInMlflowsForm()
    {
        var path = _folder.File("model");

        await ModelPackage.WriteAsync(path, Content);

        var manifest = File.ReadAllText(Path.Combine(path, "MLmodel"));
        foreach (var line in new[]
        {
            "flavors:", "  onnx:", "    data: model.onnx", "  python_function:", "    loader_module: mlflow.onnx",
            "model_uuid: '0197d0d0a0b0c0d0e0f0a1b2c3d4e5f6'", "run_id: '12345678901234567890123456789012'",
            "utc_time_created: '2026-01-02 03:04:05.678000'", "  artifact_path: input_example.json",
        })
        {
            Assert.Contains(line, manifest, StringComparison.Ordinal);
        }

        using var example = JsonDocument.Parse(File.ReadAllText(Path.Combine(path, "input_example.json")));
        Assert.Equal(["columns", "data"], example.RootElement.EnumerateObject().Select(p => p.Name));
        Assert.Equal(5, example.RootElement.GetProperty("data").GetArrayLength());
        using var serving = JsonDocument.Parse(File.ReadAllText(Path.Combine(path, "serving_input_example.json")));
        Assert.True(serving.RootElement.TryGetProperty("dataframe_split", out _));
        Assert.Contains(
            "onnxruntime", File.ReadAllText(Path.Combine(path, "requirements.txt")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task WriteAsync_FolderExists_RefusesAndKeepsIt()
    {
        var path = _folder.File("model");
        await ModelPackage.WriteAsync(path, Content);

        var error = await Assert.ThrowsAsync<GyreException>(() => ModelPackage.WriteAsync(path, Content));

        Assert.Equal(ErrorCode.AlreadyExists, error.Code);
        Assert.Equal([path], Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public async Task WriteAsync_Cancelled_LeavesNothing()
    {
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => ModelPackage.WriteAsync(_folder.File("model"), Content, cancelled.Token));

        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Theory]
    [InlineData("../escape")]
    [InlineData("MLmodel")]
    [InlineData("/absolute")]
    public async Task WriteAsync_FileOutsideOrTaken_IsTheCallersError(string name) =>
        await Assert.ThrowsAsync<ArgumentException>(() => ModelPackage.WriteAsync(
            _folder.File("model"), Content with { Files = [PackageFile.OfText(name, "")] }));

    [Fact]
    public void Read_NoPackage_SaysNotFound()
    {
        var error = Assert.Throws<GyreException>(() => ModelPackage.Read(_folder.File("absent")));

        Assert.Equal(ErrorCode.NotFound, error.Code);
    }

    [Theory]
    [InlineData("")]
    [InlineData("just text")]
    [InlineData("a: [unclosed")]
    [InlineData("model_uuid: x\nrun_id: y\n")]
    public void Read_BrokenManifest_NamesTheFile(string manifest)
    {
        File.WriteAllText(_folder.File("MLmodel"), manifest);

        var error = Assert.Throws<GyreException>(() => ModelPackage.Read(_folder.Path));

        Assert.Contains("MLmodel", error.Message, StringComparison.Ordinal);
        Assert.True(error.IsUserError);
    }
}
