using System.Text.Json.Nodes;
using Gyre.Fixtures;

namespace Gyre.Cli.Tests;

/// <summary>The commands of the loop, one after the other, as a user types them.</summary>
public class LoopCommandTests
{
    [Fact]
    public Task Loop_Bike_InitRunUpPredictFeedbackLedgerDrillRollback() => LoopAsync(
        folder =>
        {
            BikeWorkspace.Csv(folder);
            return Task.CompletedTask;
        }, "bike", "bike.csv", ["--target", "cnt", "--time", "timestamp"], "cnt");

    [SharedDataFact("adult/adult.csv.gz")]
    public Task Loop_Adult_InitRunUpPredictFeedbackLedgerDrillRollback() =>
        LoopAsync(Copy("adult/adult.csv.gz"), "adult", "adult.csv.gz", ["--target", "income"], "income");

    [SharedDataFact("telco_churn/telco_churn.csv.gz")]
    public Task Loop_TelcoChurn_InitRunUpPredictFeedbackLedgerDrillRollback() => LoopAsync(
        Copy("telco_churn/telco_churn.csv.gz"), "telco_churn", "telco_churn.csv.gz", ["--target", "churn"], "churn");

    [Fact]
    public async Task Run_Json_HasTheDocumentedFields()
    {
        using var folder = new TemporaryFolder();
        await BikeWorkspace.InitAsync(folder);

        (await GyreProcess.RunAsync(folder.Path, "run", "--json", "result.json")).Succeeded();

        var result = JsonNode.Parse(await File.ReadAllTextAsync(folder.File("result.json")))!.AsObject();
        Assert.Equal("bike", result["model"]!.GetValue<string>());
        Assert.Equal(1, result["version"]!.GetValue<int>());
        Assert.True(result["promoted"]!.GetValue<bool>());
        Assert.Matches("^[0-9a-f]{64}$", result["snapshot"]!.GetValue<string>());
        Assert.Equal(2000, result["rows"]!.GetValue<long>());
        Assert.Equal(["dummy", "linear", "boosting"], result["candidates"]!.AsArray().Select(c => c!["trainer"]!.GetValue<string>()));
        Assert.All(result["candidates"]!.AsArray(), c => Assert.True(c!["metrics"]!["rmse"]!.GetValue<double>() > 0));
        Assert.All(result["gates"]!.AsArray(), g => Assert.True(g!["passed"]!.GetValue<bool>()));
        Assert.True(result["seconds"]!.GetValue<double>() > 0);
    }

    [Fact]
    public async Task Run_Interrupted_StopsWithinASecondAndLeavesNothingHalfWritten()
    {
        using var folder = new TemporaryFolder();
        await BikeWorkspace.InitAsync(folder, rows: 14_000);
        var yaml = await File.ReadAllTextAsync(folder.File("gyre.yaml"));
        await File.WriteAllTextAsync(folder.File("gyre.yaml"), yaml.Replace(
            "trainers: [linear, boosting]", "trainers: [boosting: { rounds: 100000, early_stopping_rounds: 0 }]", StringComparison.Ordinal));
        using var run = GyreProcess.Start(folder.Path, "run");
        await WaitForAsync(() => Directory.Exists(folder.File(".gyre/data")) &&
                                 Directory.GetFiles(folder.File(".gyre/data"), "*.parquet").Length > 0);
        await Task.Delay(500);

        var clock = System.Diagnostics.Stopwatch.StartNew();
        run.Interrupt();
        var result = await run.WaitAsync();

        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(1.5), $"took {clock.Elapsed}");
        Assert.Equal(130, result.ExitCode);
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path, "*.tmp", SearchOption.AllDirectories));
        Assert.Empty(Directory.GetFiles(folder.Path, "MLmodel", SearchOption.AllDirectories));
    }

    private static Func<TemporaryFolder, Task> Copy(string file) => folder =>
    {
        File.Copy(TestData.Shared(file)!, folder.File(Path.GetFileName(file))); // the attribute has seen to its presence
        return Task.CompletedTask;
    };

    private static async Task LoopAsync(
        Func<TemporaryFolder, Task> prepare, string model, string file, string[] initArguments, string target)
    {
        using var folder = new TemporaryFolder();
        await prepare(folder);
        (await GyreProcess.RunAsync(folder.Path, ["init", file, .. initArguments])).Succeeded();
        var run = (await GyreProcess.RunAsync(folder.Path, "run")).Succeeded();
        Assert.Contains($"{model} version 1 is champion", run.Output, StringComparison.Ordinal);

        var url = $"http://127.0.0.1:{GyreProcess.FreePort()}";
        using (var server = GyreProcess.Start(folder.Path, "up", "--urls", url))
        {
            using var client = new HttpClient { BaseAddress = new Uri(url + "/") };
            await WaitForAsync(() => IsReady(client, model));
            var predicted = (await GyreProcess.RunAsync(folder.Path, "predict", file, "--limit", "20", "--url", url)).Succeeded();
            var lines = predicted.Output.TrimEnd('\n').Split('\n').Select(line => JsonNode.Parse(line)!).ToList();
            Assert.Equal(20, lines.Count);

            var actual = lines.Select(line => new JsonObject
            {
                ["predictionId"] = line["predictionId"]!.DeepClone(),
                ["actual"] = target == "cnt" ? 5 : target == "income" ? ">50K" : "Yes",
            }.ToJsonString());
            await File.WriteAllLinesAsync(folder.File("actual.jsonl"), actual);
            var feedback = (await GyreProcess.RunAsync(folder.Path, "feedback", "actual.jsonl", "--url", url)).Succeeded();
            Assert.Contains("20 actual values recorded", feedback.Output, StringComparison.Ordinal);
            var id = lines[0]["predictionId"]!.GetValue<string>();
            var trace = JsonNode.Parse((await GyreProcess.RunAsync(folder.Path, "trace", id)).Succeeded().Output)!;
            Assert.Equal(1, trace["version"]!.GetValue<int>());
            Assert.Matches("^[0-9a-f]{64}$", trace["snapshot"]!.GetValue<string>());
            Assert.True(File.Exists(trace["pipeline"]!.GetValue<string>()));
            Assert.NotNull(trace["actual"]);
            server.Interrupt();
            (await server.WaitAsync()).Succeeded();
        }

        var drill = (await GyreProcess.RunAsync(folder.Path, "drill", model)).Succeeded();
        Assert.Contains("bit-identical", drill.Output, StringComparison.Ordinal);
        var first = await GyreProcess.RunAsync(folder.Path, "rollback", model);
        Assert.Equal(2, first.ExitCode);
        Assert.Contains("first champion", first.Errors, StringComparison.Ordinal);
        var ledger = JsonNode.Parse((await GyreProcess.RunAsync(folder.Path, "ledger", "--json")).Succeeded().Output)!.AsArray();
        Assert.Contains(ledger, e => e!["kind"]!.GetValue<string>() == "promotion");
        Assert.Contains(ledger, e => e!["kind"]!.GetValue<string>() == "drill");
    }

    private static bool IsReady(HttpClient client, string model)
    {
        try
        {
            using var answer = client.GetAsync(new Uri($"v2/models/{model}/ready", UriKind.Relative)).GetAwaiter().GetResult();
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static async Task WaitForAsync(Func<bool> condition)
    {
        for (var i = 0; i < 1200; i++)
        {
            if (condition()) return;
            await Task.Delay(25);
        }

        Assert.Fail("the condition did not hold within 30 s");
    }
}
