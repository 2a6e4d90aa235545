namespace Gyre.Samples.Tests;

public sealed class HousingTests
{
    [SampleFact("housing")]
    public async Task Run_Housing_ReachesTheErrorOfItsReadme()
    {
        using var sample = SampleWorkspace.Open(
            "housing", ("folds: 3", "folds: 0"), ("rounds: 3000, learning_rate: 0.05", "rounds: 300, learning_rate: 0.1"));

        var outcome = await sample.RunAsync();

        Assert.True(outcome.Promoted, string.Join('\n', outcome.Gates));
        var best = outcome.Candidates.Single(c => c.Trainer == outcome.Chosen);
        Assert.True(best.Metrics["rmse"] < 46_000, $"{best.Metrics["rmse"]}");
    }
}
