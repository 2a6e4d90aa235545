using Gyre.Fixtures;
using Gyre.Loop;
using Gyre.Tracking;

namespace Gyre.Cli.Tests;

/// <summary>A search in a real process: killed in its middle it goes on; settings that are wrong end with exit code 2.</summary>
public class SearchKillTests
{
    private const int Trials = 12;

    [Fact]
    public async Task Run_KilledDuringASearch_GoesOnWithTheTrialsItHad()
    {
        using var folder = new TemporaryFolder();
        await BikeWorkspace.InitAsync(folder, rows: 1500);
        await AddSearchAsync(folder, $"{{ trials: {Trials}, trainers: [boosting], budget: 10m }}");
        int kept;
        using (var run = GyreProcess.Start(folder.Path, "run"))
        {
            while (TrialFiles(folder) < 4 && !run.HasExited) await Task.Delay(20);
            run.Kill();
            await run.WaitAsync();
            kept = TrialFiles(folder);
        }

        Assert.InRange(kept, 4, Trials - 1);

        var second = (await GyreProcess.RunAsync(folder.Path, "run")).Succeeded();

        Assert.Contains($"the search goes on after {kept} trials", second.Output, StringComparison.Ordinal);
        using var workspace = Workspace.OpenExisting(folder.Path, TimeProvider.System);
        var experiment = workspace.Runs.FindExperiment("bike")!;
        var all = workspace.Runs.List(experiment.Id);
        Assert.DoesNotContain(all, r => r.Status == RunStatus.Running);
        var search = all.First(r => r.Name == "search");
        var trials = workspace.Runs.ListChildren(search.Id);
        Assert.Equal(Trials, trials.Count);
        Assert.Equal(kept, trials.Count(t => t.Tags.ContainsKey("gyre.trial.resumed")));
        Assert.True(search.Metrics["used_seconds"] >= trials.Sum(t => t.Metrics["seconds"]) * 0.9);
        Assert.NotNull(workspace.Registry.GetByAlias("bike", ModelAliases.Champion));
    }

    [Fact]
    public async Task Run_WrongSearchSetting_ExitTwoWithFileAndLine()
    {
        using var folder = new TemporaryFolder();
        await BikeWorkspace.InitAsync(folder, rows: 500);
        await AddSearchAsync(folder, "{ budget: soon }");

        var result = await GyreProcess.RunAsync(folder.Path, "run");

        Assert.Equal(2, result.ExitCode);
        Assert.Matches(@"gyre\.yaml:\d+: training\.search\.budget: 'soon'", Assert.Single(result.Errors.TrimEnd('\n').Split('\n')));
    }

    private static int TrialFiles(TemporaryFolder folder)
    {
        var path = Path.Combine(folder.Path, ".gyre", "search", "bike");
        return Directory.Exists(path)
            ? Directory.GetFiles(path, "trial-?????", SearchOption.AllDirectories).Length : 0;
    }

    private static async Task AddSearchAsync(TemporaryFolder folder, string search)
    {
        var path = folder.File("gyre.yaml");
        var text = await File.ReadAllTextAsync(path);
        await File.WriteAllTextAsync(path, text.Replace("\ntraining:\n", $"\ntraining:\n  search: {search}\n", StringComparison.Ordinal));
    }
}
