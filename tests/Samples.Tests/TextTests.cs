using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Gyre.Loop.Runs;

namespace Gyre.Samples.Tests;

/// <summary>
/// The samples with text. The latency gate is lifted: other tests share the machine, and the benchmark measures it.
/// </summary>
public sealed class TextTests
{
    private static readonly (string From, string To) AnyLatency = ("latency: 5ms", "latency: 1s");

    [SampleFact("spam")]
    public async Task Run_Spam_TellsSpamAndAnswersForText()
    {
        using var sample = SampleWorkspace.Open("spam", AnyLatency, ("    - linear: { analyzer: char, ngrams: 2-5, min_df: 5 }\n", ""));

        var best = Chosen(await sample.RunAsync());

        Assert.True(best.Metrics["roc_auc"] > 0.99, Figure(best, "roc_auc"));
        var (server, client) = await sample.ServeAsync();
        await using (server)
        using (client)
        {
            JsonObject Row(string text) => new() { ["text"] = text };
            var answer = await client.PostAsJsonAsync("predict/spam", new JsonObject
            {
                ["rows"] = new JsonArray(
                    Row("WINNER!! Claim your FREE prize now, call 09061701461"), Row("ok, see you at 8 tonight 😀"), Row("")),
            });
            var text = await answer.Content.ReadAsStringAsync();
            Assert.True(answer.IsSuccessStatusCode, text);
            Assert.Equal(["spam", "ham", "ham"], Labels(JsonNode.Parse(text)!));
        }
    }

    [SampleFact("sentiment")]
    public async Task Run_Sentiment_TellsPraiseFromComplaint()
    {
        using var sample = SampleWorkspace.Open("sentiment", AnyLatency, ("folds: 5", "folds: 2"));

        var best = Chosen(await sample.RunAsync());

        Assert.True(best.Metrics["roc_auc"] > 0.9, Figure(best, "roc_auc"));
    }

    [SampleFact("banking77")]
    public async Task Run_Banking77_IsMeasuredOnTheOfficialTestRows()
    {
        // Naive Bayes alone: the linear candidates of the sample take a minute.
        using var sample = SampleWorkspace.Open("banking77", AnyLatency,
            ("    - linear: { tolerance: 0.00003, max_iterations: 100 }\n", ""),
            ("    - linear: { analyzer: char, ngrams: 2-4, min_df: 3, tolerance: 0.00003, max_iterations: 100 }\n", ""));

        var outcome = await sample.RunAsync();
        var best = Chosen(outcome);

        Assert.Equal(13_083, outcome.Rows);
        Assert.Equal(0.8653, best.Metrics["accuracy"], 0.0005); // scikit-learn's MultinomialNB on these rows
    }

    private static CandidateOutcome Chosen(RunOutcome outcome)
    {
        Assert.True(outcome.Promoted, string.Join('\n', outcome.Gates));
        return outcome.Candidates.Single(c => c.Trainer == outcome.Chosen);
    }

    private static string Figure(CandidateOutcome candidate, string metric) =>
        candidate.Metrics[metric].ToString(CultureInfo.InvariantCulture);

    private static IEnumerable<string> Labels(JsonNode answer) =>
        answer["predictions"]!.AsArray().Select(p => p!["label"]!.GetValue<string>());
}
