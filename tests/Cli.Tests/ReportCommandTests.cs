using System.Text.Json.Nodes;
using Gyre.Fixtures;

namespace Gyre.Cli.Tests;

/// <summary>`gyre evaluate`, `gyre compare` and `gyre explain` on a small workspace with three versions.</summary>
public sealed class ReportCommandTests(ReportCommandTests.Versions versions) : IClassFixture<ReportCommandTests.Versions>
{
    [Fact]
    public async Task Evaluate_VersionAlone_SaysWhereItsReportLies()
    {
        var report = (await versions.RunAsync("evaluate", "shop@1")).Succeeded().Output.Trim();

        Assert.EndsWith(Path.Combine("evaluation", "report.html"), report, StringComparison.Ordinal);
        Assert.Contains("version 1", await File.ReadAllTextAsync(report), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Evaluate_File_PrintsEveryMetricAndWritesTheReport()
    {
        var result = (await versions.RunAsync("evaluate", "shop@1", "new.csv", "-o", "report", "--metric", "mcc")).Succeeded();

        Assert.Matches(@"^mcc +0\.\d+   0\.\d+ to (1|0\.\d+)\n", result.Output); // the asked one first
        Assert.Contains("\nexpected_calibration_error ", result.Output, StringComparison.Ordinal);
        Assert.True(File.Exists(versions.File("report/report.html")));
        var numbers = JsonNode.Parse(await File.ReadAllTextAsync(versions.File("report/evaluation.json")))!; // just written
        Assert.Equal((60, "mcc"), (numbers["rows"]!.GetValue<int>(), numbers["metric"]!.GetValue<string>()));
        Assert.InRange(numbers["metrics"]!["mcc"]!["value"]!.GetValue<double>(), 0.5, 1);
    }

    [Theory]
    [InlineData("evaluate shop@1 new.csv --metric rmse", "'rmse' is not one of log_loss")]
    [InlineData("evaluate shop@7 new.csv", "7")]
    [InlineData("evaluate shop@1 inputs.csv", "bought")]
    [InlineData("explain shop@1 new.csv --row 60", "there is no row 60; it has 60, counted from 0")]
    public async Task Command_WrongArguments_SaysWhy(string arguments, string cause)
    {
        var result = await versions.RunAsync(arguments.Split(' '));

        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains(cause, result.Errors, StringComparison.Ordinal);
        Assert.Single(result.Errors.Trim().Split('\n'));
    }

    [Fact]
    public async Task Compare_TwoVersions_TellsByHowMuchTheSecondIsBetter()
    {
        var text = (await versions.RunAsync("compare", "shop@1", "shop@2", "new.csv")).Succeeded().Output;
        var json = (await versions.RunAsync("compare", "shop@1", "shop@2", "new.csv", "--json")).Succeeded().Output;

        Assert.Contains("shop@2 is better by", text, StringComparison.Ordinal);
        Assert.Contains("McNemar: only shop@1 is right", text, StringComparison.Ordinal);
        var comparison = JsonNode.Parse(json)!;
        Assert.Equal(60, comparison["rows"]!.GetValue<int>());
        foreach (var metric in comparison["metrics"]!.AsArray().Where(m => m!["metric"]!.GetValue<string>() is "mcc" or "brier"))
        {
            var (first, second) = (metric!["champion"]!.GetValue<double>(), metric["candidate"]!.GetValue<double>());
            var better = metric["metric"]!.GetValue<string>() == "mcc" ? second - first : first - second;
            Assert.Equal(better, metric["improvement"]!.GetValue<double>(), 1e-12);
        }
    }

    [Theory]
    [InlineData("shop@1", "linear", "log-odds of bought = yes")]
    [InlineData("shop@2", "treeshap", "log-odds of bought = yes")]
    [InlineData("shop@3", "sampling", "probability of bought = yes")]
    public async Task Explain_Row_ContributionsAddUpToThePrediction(string version, string method, string explained)
    {
        var result = (await versions.RunAsync("explain", version, "inputs.csv", "--row", "3", "--json")).Succeeded();

        var explanation = JsonNode.Parse(result.Output)!;
        Assert.Equal(explained, explanation["explained"]!.GetValue<string>());
        Assert.Equal(method, explanation["method"]!.GetValue<string>());
        var parts = explanation["contributions"]!.AsArray();
        Assert.Equal("price", parts[0]!["column"]!.GetValue<string>()); // all that matters
        Assert.Equal(2, parts.Count);
        var sum = explanation["baseValue"]!.GetValue<double>() + parts.Sum(p => p!["contribution"]!.GetValue<double>());
        Assert.Equal(explanation["prediction"]!.GetValue<double>(), sum, 1e-6);
    }

    [Fact]
    public async Task Predict_ExplainAVersionWithoutExplanation_SaysWhy()
    {
        var result = await versions.RunAsync("predict", "inputs.csv", "--explain", "--model", "shop@3");

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("no explanation: a NaiveBayesModel is made neither of trees nor", result.Errors, StringComparison.Ordinal);
    }

    /// <summary>What is bought hangs on the price and a little chance.</summary>
    public sealed class Versions : IAsyncLifetime, IDisposable
    {
        private readonly TemporaryFolder _folder = new();

        public async Task InitializeAsync()
        {
            var random = new Random(3);
            string[] rows = [.. Enumerable.Range(0, 360).Select(i =>
            {
                var price = random.Next(100);
                return $"{price},{"abc"[i % 3]},{(price + random.Next(20) < 60 ? "yes" : "no")}";
            })];
            await System.IO.File.WriteAllLinesAsync(File("shop.csv"), rows.Take(300).Prepend("price,kind,bought"));
            await System.IO.File.WriteAllLinesAsync(File("new.csv"), rows.Skip(300).Prepend("price,kind,bought"));
            await System.IO.File.WriteAllLinesAsync(
                File("inputs.csv"), rows.Skip(300).Select(row => row[..row.LastIndexOf(',')]).Prepend("price,kind"));
            foreach (var trainer in new[] { "linear", "boosting: { rounds: 20 }", "naive_bayes" })
            {
                await System.IO.File.WriteAllTextAsync(File("gyre.yaml"),
                    $$"""
                    model: shop
                    source: { path: shop.csv }
                    target: bought
                    features: { use: [price, kind] }
                    task: binary
                    columns: { price: numeric, kind: categorical, bought: categorical }
                    training: { trainers: [{{trainer}}], evaluation: { report: always } }
                    """);
                (await RunAsync("run")).Succeeded();
            }
        }

        internal Task<GyreResult> RunAsync(params string[] arguments) => GyreProcess.RunAsync(_folder.Path, arguments);

        internal string File(string name) => _folder.File(name);

        public Task DisposeAsync() => Task.CompletedTask;

        public void Dispose() => _folder.Dispose();
    }
}
