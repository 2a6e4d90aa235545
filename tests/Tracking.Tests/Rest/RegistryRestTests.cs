using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;

namespace Gyre.Tracking.Tests.Rest;

/// <summary>What recorded pairs cannot show of the registry: concurrency, and that Gyre's own is the same.</summary>
public class RegistryRestTests
{
    [Fact]
    public async Task SetAlias_OverRest_IsInTheHistoryAndRaisesTheEvent()
    {
        await using var server = await RestFixture.StartAsync();
        var registry = server.Services.GetRequiredService<ModelRegistry>();
        var seen = new List<(string Model, AliasChangeKind Kind, int? From, int? To)>();
        registry.AliasChanged += change => seen.Add((change.Model, change.Kind, change.FromVersion, change.ToVersion));
        await server.PostAsync("2.0/mlflow/registered-models/create", new { name = "bike" });
        for (var version = 1; version <= 2; version++)
        {
            await server.PostAsync("2.0/mlflow/model-versions/create", new { name = "bike", source = "s3://b/m" });
            await server.PostAsync(
                "2.0/mlflow/registered-models/alias",
                new { name = "bike", alias = "champion", version = $"{version}" });
        }

        Assert.Equal(2, registry.GetByAlias("bike", "champion")?.Version);
        Assert.Equal(1, (await registry.RollbackAsync("bike", "champion")).ToVersion);
        await server.PostAsync("2.0/mlflow/registered-models/rename", new { name = "bike", new_name = "cycle" });
        await server.SendAsync(HttpMethod.Delete, "2.0/mlflow/model-versions/delete",
            JsonSerializer.Serialize(new { name = "cycle", version = "1" }));

        Assert.Equal(
            [
                ("bike", AliasChangeKind.Set, null, 1), ("bike", AliasChangeKind.Set, 1, 2),
                ("bike", AliasChangeKind.Rollback, 2, 1), ("bike", AliasChangeKind.Remove, 1, null),
                ("cycle", AliasChangeKind.Set, null, 1), ("cycle", AliasChangeKind.Remove, 1, null),
            ], seen);
        Assert.Equal([(null, 1), (1, 2), (2, 1), (1, null)],
            registry.AliasHistory("cycle", "champion").Select(change => (change.FromVersion, change.ToVersion)));
        Assert.Null(registry.GetByAlias("cycle", "champion"));
        Assert.Empty(registry.VersionsByAlias("champion"));
    }

    [Fact]
    public async Task SearchVersions_ManyOfOneModel_AreSentInOrderWithTheirTags()
    {
        const int Count = 2_345; // several statements' worth
        await using var server = await RestFixture.StartAsync();
        await server.PostAsync("2.0/mlflow/registered-models/create", new { name = "bike" });
        await server.Database.WriteAsync(connection =>
        {
            for (var version = 1; version <= Count; version++)
            {
                SchemaTests.Execute(connection, $"""
                    INSERT INTO model_versions (name, version, current_stage, source, last_updated_time)
                    VALUES ('bike', {version}, 'None', 's3://b/m', {version});
                    INSERT INTO model_version_tags (key, value, name, version)
                      VALUES ('n', '{version}', 'bike', {version})
                    """);
            }
        });
        var answer = await server.GetAsync("2.0/mlflow/model-versions/search");
        var versions = answer["model_versions"]!.AsArray(); // found
        Assert.Equal(Enumerable.Range(1, Count).Reverse().Select(number => ($"{number}", $"{number}")), versions.Select(
            version => ((string)version!["version"]!, (string)version["tags"]![0]!["value"]!))); // as written
    }

    [Fact]
    public async Task CreateModel_SameNameAtOnce_OneSucceeds()
    {
        await using var server = await RestFixture.StartAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => server.SendAsync(
            HttpMethod.Post, "2.0/mlflow/registered-models/create", """{"name": "bike"}""")));
        Assert.Single(answers, answer => answer.Status == HttpStatusCode.OK);
        Assert.Equal(15, answers.Count(
            answer => answer.Text.Contains("RESOURCE_ALREADY_EXISTS", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task CreateVersion_AtOnce_NumbersHaveNoGapAndNoRepeat()
    {
        await using var server = await RestFixture.StartAsync();
        await server.PostAsync("2.0/mlflow/registered-models/create", new { name = "bike" });
        var versions = await Task.WhenAll(Enumerable.Range(0, 16).Select(async _ => (string?)(await server.PostAsync(
            "2.0/mlflow/model-versions/create", new { name = "bike", source = "s3://b/m" }))
            ["model_version"]!["version"]));
        Assert.Equal(Enumerable.Range(1, 16), versions.Select(text => int.Parse(text!, null)).Order());
    }

    [Fact]
    public async Task CreateVersion_LocalSource_MustLieInTheRunsFolder()
    {
        await using var server = await RestFixture.StartAsync();
        var run = await server.Services.GetRequiredService<RunStore>().StartAsync(new RunStart(0, "r"));
        var folder = server.Services.GetRequiredService<ArtifactStore>().FolderOf(run);
        Directory.CreateSymbolicLink(Path.Combine(folder, "out"), "/etc");
        await server.PostAsync("2.0/mlflow/registered-models/create", new { name = "bike" });

        var inside = Path.Combine(folder, "model");
        foreach (var source in new[] { inside, new Uri(inside).AbsoluteUri })
            await server.PostAsync("2.0/mlflow/model-versions/create", new { name = "bike", source, run_id = run.Id });
        var link = Path.Combine(folder, "out");
        foreach (var source in new[] { folder + "-more", Path.GetDirectoryName(folder), link, "/etc" })
        {
            var (status, code, _) = await server.RefusedAsync(
                HttpMethod.Post, "2.0/mlflow/model-versions/create", new { name = "bike", source, run_id = run.Id });
            Assert.Equal((400, "INVALID_PARAMETER_VALUE"), (status, code));
        }
    }

    [Fact]
    public async Task CreatePrompt_NameOfAModel_IsRefusedWithBothKinds()
    {
        await using var server = await RestFixture.StartAsync();
        var isPrompt = new[] { new { key = "mlflow.prompt.is_prompt", value = "true" } };
        await server.PostAsync("2.0/mlflow/registered-models/create", new { name = "bike" });
        await server.PostAsync("2.0/mlflow/registered-models/create", new { name = "greet", tags = isPrompt });
        var text = new[] { isPrompt[0], new { key = "mlflow.prompt.text", value = "Hello {{name}}" } };
        var version = await server.PostAsync("2.0/mlflow/model-versions/create",
            new { name = "greet", source = "dummy-source", tags = text, description = "first" });
        Assert.Equal("1", (string?)version["model_version"]!["version"]);

        var taken = (400, "RESOURCE_ALREADY_EXISTS");
        Assert.Equal(taken, await CreateAsync(new { name = "bike", tags = isPrompt }, "prompt"));
        Assert.Equal(taken, await CreateAsync(new { name = "greet", tags = isPrompt }, "Prompt"));
        Assert.Equal((400, "INVALID_PARAMETER_VALUE"), await server.RefusedAsync(HttpMethod.Post,
            "2.0/mlflow/model-versions/create", new { name = "greet", source = "/etc/passwd", tags = text }) switch
            { var (status, code, _) => (status, code) });

        async Task<(int Status, string Code)> CreateAsync(object body, string word)
        {
            var (status, code, message) = await server.RefusedAsync(
                HttpMethod.Post, "2.0/mlflow/registered-models/create", body);
            Assert.Contains(word, message, StringComparison.Ordinal);
            return (status, code);
        }
    }
}
