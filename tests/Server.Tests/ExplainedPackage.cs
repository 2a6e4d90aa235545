using System.Collections.Immutable;
using Gyre.Models;
using Gyre.Serving.Slots;
using Gyre.Tabular;
using Gyre.Tracking;
using Gyre.Training;
using Microsoft.Extensions.DependencyInjection;

namespace Gyre.Server.Tests;

/// <summary>Versions that can be explained.</summary>
internal static class ExplainedPackage
{
    /// <summary>Trains a model, packages it as a run does, and makes it the champion of a running host.</summary>
    /// <param name="host">The host.</param>
    /// <param name="folder">Where to write the package.</param>
    /// <param name="name">The model.</param>
    /// <param name="table">Rows with the target; all other columns are features.</param>
    /// <param name="target">The target.</param>
    /// <param name="task">What is predicted.</param>
    /// <param name="rounds">The trees, of each class.</param>
    public static async Task RegisterAsync(
        HostFixture host, string folder, string name, Table table, string target, TaskKind task,
        int rounds = 40)
    {
        ImmutableArray<string> features = [.. table.Schema.Select(c => c.Name).Where(n => n != target)];
        var set = TrainingSet.Create(table, target, task, features, positiveClass: null);
        var trainer = new BoostingTrainer(new BoostingOptions { Rounds = rounds, EarlyStoppingRounds = 0 });
        var pipeline = trainer.Train(set, null, new TrainingContext(1));
        var raw = table.Without(target);
        var onnx = OnnxExporter.Export(pipeline, [], raw.Schema);
        int[] some = [.. Enumerable.Range(0, 100)];
        var explanation = ExplanationExport.Create(
            pipeline, [], raw.Schema, onnx, set.Features.Take(some), raw.Take(some));
        await ModelPackage.WriteAsync(folder, new ModelPackageContent(
            onnx, new string('a', 32), "run", DateTimeOffset.UnixEpoch, raw.Take(some), explanation.Files));
        var services = host.App.Services;
        var registry = services.GetRequiredService<ModelRegistry>();
        var version = await registry.CreateVersionAsync(name, folder, runId: null);
        await registry.SetAliasAsync(name, ModelAliases.Champion, version.Version);
        await services.GetRequiredService<ChampionFollower>().RefreshAsync(CancellationToken.None);
    }
}
