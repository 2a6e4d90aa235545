using Gyre.Data;
using Gyre.Fixtures;
using Gyre.Models;
using Gyre.Tabular;
using Gyre.Tracking;
using Gyre.Training;

namespace Gyre.Server.Tests;

/// <summary>A real model of the bike-sharing hours, registered in a workspace.</summary>
internal static class BikePackage
{
    /// <summary>A row that fits the model.</summary>
    public const string Row = """{"hr":8,"temp":0.3,"hum":0.6,"windspeed":0.1,"workingday":1,"season":1}""";

    private static readonly Lazy<(byte[] First, byte[] Second)> Models = new(() => (Train(20), Train(60)));

    /// <summary>
    /// Registers two versions of the model <c>bike</c>, of which the first is the champion, unless the store has it.
    /// </summary>
    public static async Task RegisterAsync(string workspace, StoreAddress? store = null)
    {
        using var database = TrackingDatabase.Open(
            store ?? StoreAddress.OfFile(Path.Combine(workspace, ".gyre", "gyre.db")));
        var registry = new ModelRegistry(
            database, new ArtifactStore(Path.Combine(workspace, ".gyre", "artifacts")), TimeProvider.System);
        if (registry.GetByAlias("bike", ModelAliases.Champion) is not null) return;
        foreach (var (name, bytes) in new[] { ("one", Models.Value.First), ("two", Models.Value.Second) })
        {
            var folder = Path.Combine(workspace, ".gyre", "artifacts", name);
            Directory.CreateDirectory(folder);
            await File.WriteAllBytesAsync(Path.Combine(folder, "model.onnx"), bytes);
            await registry.CreateVersionAsync("bike", folder, runId: null);
        }

        await registry.SetAliasAsync("bike", ModelAliases.Champion, 1);
    }

    private static byte[] Train(int rounds)
    {
        using var engine = new SqlEngine();
        var table = engine.Query(
            $"SELECT hr, temp, hum, windspeed, workingday, season, cnt FROM read_csv('{TestData.Shipped("bike_hourly.csv.gz")}')");
        string[] features = ["hr", "temp", "hum", "windspeed", "workingday", "season"];
        var set = TrainingSet.Create(table, "cnt", TaskKind.Regression, features, positiveClass: null);
        var trainer = new BoostingTrainer(new BoostingOptions { Rounds = rounds, EarlyStoppingRounds = 0 });
        var pipeline = trainer.Train(set, null, new TrainingContext(1));
        return OnnxExporter.Export(pipeline, [], table.Without("cnt").Schema);
    }
}
