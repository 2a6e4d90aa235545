namespace Gyre.Samples.Tests;

public sealed class ChurnTests
{
    [SampleFact("churn")]
    public async Task Run_Churn_PromotesAModelThatIgnoresSexAndAge()
    {
        using var sample = SampleWorkspace.Open("churn", ("folds: 5", "folds: 2"));

        var outcome = await sample.RunAsync();

        Assert.True(outcome.Promoted, string.Join('\n', outcome.Gates));
        var best = outcome.Candidates.Single(c => c.Trainer == outcome.Chosen);
        Assert.True(best.Metrics["roc_auc"] > 0.84, $"{best.Metrics["roc_auc"]}");
        Assert.DoesNotContain("senior_citizen", sample.Definition.Features);
    }
}
