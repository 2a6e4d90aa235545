using Gyre.Data;
using Gyre.Models;
using Gyre.Tabular;
using Gyre.Tracking;
using Gyre.Training;

namespace Gyre.Bench.Serving;

/// <summary>Boosted trees on the bike-sharing hours, registered as the champion of a new workspace.</summary>
internal static class BenchmarkModel
{
    private const string DataFile = "data/bike_hourly.csv.gz";

    private static readonly string[] Features =
        ["hr", "temp", "atemp", "hum", "windspeed", "workingday", "season", "weekday", "mnth", "weathersit"];

    public static async Task RegisterAsync(string workspace)
    {
        using var engine = new SqlEngine();
        var table = engine.Query($"SELECT {string.Join(", ", Features)}, cnt FROM read_csv('{DataFile}')");
        var set = TrainingSet.Create(table, "cnt", TaskKind.Regression, Features, positiveClass: null);
        var trainer = TrainerFactory.Create("boosting", new Dictionary<string, string>(), TaskKind.Regression);
        var pipeline = trainer.Train(set, null, new TrainingContext(1));

        var folder = Path.Combine(workspace, ".gyre", "artifacts", "bike");
        Directory.CreateDirectory(folder);
        await File.WriteAllBytesAsync(
            Path.Combine(folder, "model.onnx"), OnnxExporter.Export(pipeline, [], table.Without("cnt").Schema));
        using var database = TrackingDatabase.Open(Path.Combine(workspace, ".gyre", "gyre.db"));
        var registry = new ModelRegistry(
            database, new ArtifactStore(Path.Combine(workspace, ".gyre", "artifacts")), TimeProvider.System);
        var version = await registry.CreateVersionAsync("bike", folder, runId: null);
        await registry.SetAliasAsync("bike", ModelAliases.Champion, version.Version);
    }
}
