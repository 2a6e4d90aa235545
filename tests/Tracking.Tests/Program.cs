using System.Globalization;
using Gyre.Primitives;

namespace Gyre.Tracking.Tests;

/// <summary>
/// The program that the tests start as another process, and kill: it writes without end, and says on its output what
/// was acknowledged, one line each.
/// </summary>
internal static class Program
{
    /// <summary>The argument that makes it a server instead, which says its address.</summary>
    public const string Serve = "serve";

    /// <summary>The argument that makes it collect garbage and end.</summary>
    public const string Collect = "collect";

    private static async Task<int> Main(string[] arguments)
    {
        var folder = arguments[0];
        if (arguments is [_, Serve])
        {
            await using var server = Rest.RestFixture.Build(folder);
            await server.StartAsync();
            Say(server.Urls.Single());
            await Task.Delay(Timeout.Infinite);
        }

        var collects = arguments is [_, Collect];
        var rounds = arguments.Length > 1 && !collects
            ? int.Parse(arguments[1], CultureInfo.InvariantCulture)
            : int.MaxValue;
        using var database = TrackingDatabase.Open(Path.Combine(folder, "gyre.db"));
        var artifacts = new ArtifactStore(Path.Combine(folder, "artifacts"));
        if (collects)
        {
            var collector = new GarbageCollector(database, artifacts, null, TimeProvider.System);
            await collector.RunAsync(TimeSpan.Zero, dryRun: false);
            return 0;
        }

        var runs = new RunStore(database, artifacts, TimeProvider.System);
        var registry = new ModelRegistry(database, artifacts, TimeProvider.System);
        Say("open");
        await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => LogRunsAsync(runs, rounds))
            .Append(RegisterVersionsAsync(runs, artifacts, registry, rounds)));
        return 0;
    }

    private static async Task LogRunsAsync(RunStore runs, int rounds)
    {
        var experiment = await runs.GetOrCreateExperimentAsync("kill");
        for (var round = 0; round < rounds; round++)
        {
            var run = await runs.StartAsync(new RunStart(experiment.Id, "r"));
            Say($"run {run.Id}");
            for (var step = 0; step < 20; step++)
            {
                await runs.LogBatchAsync(run.Id, new RunBatch
                {
                    Metrics = [new Metric("a", step, step), new Metric("b", -step, step)],
                    Parameters = new Dictionary<string, string> { [$"p{step}"] = "1" },
                });
                Say($"step {run.Id} {step}");
            }

            if (round % 2 == 1) continue;
            await runs.FinishAsync(run.Id, RunStatus.Finished);
            Say($"finish {run.Id}");
        }
    }

    private static async Task RegisterVersionsAsync(
        RunStore runs, ArtifactStore artifacts, ModelRegistry registry, int rounds)
    {
        for (var round = 0; round < rounds; round++)
        {
            var run = await runs.StartAsync(new RunStart(0, "model"));
            var folder = artifacts.PathOf(run, "model");
            await DurableFile.CreateFolderAsync(folder, async (inner, token) =>
            {
                await File.WriteAllTextAsync(Path.Combine(inner, "model.onnx"), new string('x', 10_000), token);
                await File.WriteAllTextAsync(Path.Combine(inner, "MLmodel"), "whole", token);
            }, CancellationToken.None);
            var version = await registry.CreateVersionAsync("bike", folder, run.Id);
            Say($"version {version.Version}");
            await registry.SetAliasAsync("bike", "champion", version.Version, "kill test");
            Say($"champion {version.Version}");
        }
    }

    // One call a line, so that lines of several tasks do not mix; flushed, so that a killed process said all it meant
    // to.
    private static void Say(string line)
    {
        lock (Console.Out)
        {
            Console.Out.Write(line + "\n");
            Console.Out.Flush();
        }
    }
}
