using System.Text.Json.Nodes;
using Gyre.Fixtures;
using Gyre.Tracking.Tests.Rest;

namespace Gyre.Tracking.Tests.Foreign;

public sealed class ForeignClientTests
{
    [Fact]
    public async Task NodeClient_ItsWholeInterface_WorksUnchanged()
    {
        await using var server = await RestFixture.StartAsync();
        using var folder = new TemporaryFolder();
        foreach (var file in new[] { "package.json", "package-lock.json", "client.js" })
            File.Copy(Source(file), folder.File(file));
        var (exitCode, output, errors) = ForeignClient.Run(folder.Path, "npm", "ci", "--ignore-scripts", "--no-audit");
        Assert.True(exitCode == 0, output + errors);

        var result = ForeignClient.RunJson(folder.Path, "node", "client.js", Address(server));
        var id = Text(result, "run", "info", "run_id");
        Assert.Equal("from node, renamed", Text(result, "experiment", "name"));
        Assert.Equal(("first", "FINISHED", "active"), (Text(result, "run", "info", "run_name"),
            Text(result, "run", "info", "status"), Text(result, "run", "info", "lifecycle_stage")));
        Assert.Equal([0.7, 0.8, 0.9],
            result["history"]!.AsArray().Select(point => Math.Round((double)point!["value"]!, 10))); // as logged
        var metrics = result["run"]!["data"]!["metrics"]!.AsArray(); // logged
        Assert.Equal("NaN", (string?)metrics.Single(metric => (string?)metric!["key"] == "loss")!["value"]);
        Assert.Equal(2L, (long)metrics.Single(metric => (string?)metric!["key"] == "auc")!["step"]!);
        Assert.Equal([id], result["found"]!.AsArray().Select(found => (string)found!));
        Assert.Equal("{}", result["notFound"]!.ToJsonString());
        Assert.Null(result["artifacts"]!["files"]);
        Assert.EndsWith($"/{id}/artifacts", Text(result, "artifacts", "root_uri"));
        Assert.Equal(400, (int)result["refusal"]!["status"]!);
        Assert.Equal("INVALID_PARAMETER_VALUE", Text(result, "refusal", "data", "error_code"));
        Assert.Contains("Changing param values is not allowed", Text(result, "refusal", "data", "message"));
    }

    [RFact]
    public async Task RClient_RunModelAndAlias_ComeBackAsLogged()
    {
        await using var server = await RestFixture.StartAsync();
        var result = ForeignClient.RunJson(".", "Rscript", Source("client.R"), Address(server));
        Assert.Equal("from R", Text(result, "experiment", "name"));
        Assert.Equal(("first", "FINISHED"),
            (Text(result, "run", "info", "run_name"), Text(result, "run", "info", "status")));
        // As they were logged.
        Assert.Equal([5d, 4, 3, 2, 1], result["history"]!.AsArray().Select(point => (double)point!["value"]!));
        Assert.Equal(1, (int)result["found"]!);
        Assert.Equal("model/model.rds", (string?)result["files"]!.AsArray().Single()!["path"]);
        Assert.True((bool)result["same"]!);
        Assert.Equal(("cars", "1"), (Text(result, "champion", "name"), Text(result, "champion", "version")));
    }

    [PythonFact]
    public async Task PythonTraffic_ModelAliasPromptAndParts_ComeBackAsLogged()
    {
        await using var server = await RestFixture.StartAsync();
        var result = ForeignClient.RunJson(".", "python3", Source("client.py"), Address(server));
        Assert.Equal("LOGGED_MODEL_READY", Text(result, "status"));
        Assert.Equal("""[400,"RESOURCE_ALREADY_EXISTS"]""", result["again"]!.ToJsonString());
        Assert.Equal("""[404,"RESOURCE_DOES_NOT_EXIST"]""", result["absent"]!.ToJsonString());
        Assert.Equal("""[400,"INVALID_PARAMETER_VALUE"]""", result["missingAlias"]!.ToJsonString());
        Assert.Equal(("riders", "1", "READY"), (Text(result, "champion", "name"), Text(result, "champion", "version"),
            Text(result, "champion", "status")));
        Assert.Equal("champion", (string?)result["champion"]!["aliases"]!.AsArray().Single());
        Assert.True((bool)result["same"]! && (bool)result["big"]!);
        Assert.Equal("""["riders"]""", result["names"]!.ToJsonString());
        Assert.Equal("""["greet"]""", result["prompts"]!.ToJsonString());
        var model = result["found"]!.AsArray().Single()!; // found
        Assert.Equal(0.9, (double)model["data"]!["metrics"]!.AsArray().Single()!["value"]!); // as logged
        Assert.Equal(
            """[{"name":"riders","version":1}]""", (string?)model["info"]!["tags"]!.AsArray().Single()!["value"]);
    }

    private static string Address(RestFixture server) =>
        server.Client.BaseAddress!.AbsoluteUri.TrimEnd('/'); // set at start

    private static string Source(string file) => Path.Combine(AppContext.BaseDirectory, "Foreign", file);

    private static string Text(JsonNode node, params string[] path) =>
        (string)path.Aggregate(node, (inner, name) => inner[name] ?? throw new KeyNotFoundException(name))!;

    [AttributeUsage(AttributeTargets.Method)]
    private sealed class RFactAttribute : FactAttribute
    {
        public RFactAttribute()
        {
            if (!ForeignClient.Works("Rscript", "-e", "library(httr); library(jsonlite)"))
                Skip = "R (Debian packages r-base-core, r-cran-httr, r-cran-jsonlite) is absent.";
        }
    }

    [AttributeUsage(AttributeTargets.Method)]
    private sealed class PythonFactAttribute : FactAttribute
    {
        public PythonFactAttribute()
        {
            if (!ForeignClient.Works("python3", "-c", "import sys; assert sys.version_info >= (3, 8)"))
                Skip = "Python 3.8 or later is absent.";
        }
    }
}
