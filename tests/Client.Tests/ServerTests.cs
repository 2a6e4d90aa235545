using Gyre.Fixtures;
using Gyre.Tracking;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace Gyre.Client.Tests;

/// <summary>The client against Gyre's own server.</summary>
public sealed class ServerTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private WebApplication? _server;
    private MlflowClient _client = null!; // set before every test

    public async Task InitializeAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddRoutingCore().AddLogging().AddSingleton(TimeProvider.System)
            .AddSingleton(_ => TrackingDatabase.Open(_folder.File("gyre.db")))
            .AddSingleton(new ArtifactStore(_folder.File("artifacts")))
            .AddTracking();
        _server = builder.Build();
        _server.UseRouting();
        _server.MapTracking();
        await _server.StartAsync();
        _client = new MlflowClient(new Uri(_server.Urls.Single()));
    }

    public async Task DisposeAsync()
    {
        _client.Dispose();
        await _server!.DisposeAsync(); // started
        _folder.Dispose();
    }

    [Fact]
    public async Task ActiveRun_WhatWasLogged_IsReadBack()
    {
        string id;
        await using (var run = await ActiveRun.StartAsync("bikes", "first", [new Tag("team", "a")], client: _client))
        {
            id = run.Id;
            run.LogParam("rate", 0.25);
            for (var step = 0; step < 2500; step++) run.LogMetric("loss", 1.0 / (1 + step), step);
            run.LogMetric("odd", double.NaN);
            run.SetTag("kind", "test");
            await run.LogTextAsync("Ünïcode notes", "notes/read me.md");
            await using var child = await ActiveRun.StartAsync(runName: "child", parent: run, client: _client);
            Assert.Equal(run.Info.ExperimentId, child.Info.ExperimentId);
        }

        var read = await _client.GetRunAsync(id);
        Assert.Equal((RunStatus.Finished, "first"), (read.Info.Status, read.Info.RunName));
        Assert.NotNull(read.Info.EndTime);
        Assert.Contains(new Param("rate", "0.25"), read.Data.Params);
        Assert.Contains(new Tag("team", "a"), read.Data.Tags);
        Assert.Contains(new Tag("kind", "test"), read.Data.Tags);
        Assert.Equal(2499, read.Data.Metrics.Single(metric => metric.Key == "loss").Step);
        Assert.True(double.IsNaN(read.Data.Metrics.Single(metric => metric.Key == "odd").Value));

        var steps = new List<long>();
        await foreach (var point in _client.GetMetricHistoryAsync(id, "loss")) steps.Add(point.Step);
        Assert.Equal(Enumerable.Range(0, 2500).Select(step => (long)step), steps.Order());

        var children = new List<Run>();
        await foreach (var run in _client.SearchRunsAsync(
            [read.Info.ExperimentId], $"tags.`mlflow.parentRunId` = '{id}'")) children.Add(run);
        Assert.Equal("child", children.Single().Info.RunName);

        Assert.Equal([("notes", true)], (await _client.ListArtifactsAsync(id)).Select(file => (file.Path, file.IsDir)));
        Assert.Equal(["notes/read me.md"], (await _client.ListArtifactsAsync(id, "notes")).Select(file => file.Path));
        using var text = new StreamReader(await _client.OpenArtifactAsync(id, "notes/read me.md"));
        Assert.Equal("Ünïcode notes", await text.ReadToEndAsync());
    }

    [Fact]
    public async Task Experiments_TheirWholeLife_IsSeen()
    {
        var id = await _client.CreateExperimentAsync("one", tags: [new Tag("k", "v")]);
        await _client.RenameExperimentAsync(id, "two");
        await _client.SetExperimentTagAsync(id, "k", "w");
        await _client.DeleteExperimentAsync(id);
        Assert.Equal("deleted", (await _client.GetExperimentAsync(id)).LifecycleStage);
        await _client.RestoreExperimentAsync(id);
        Assert.Equal([new Tag("k", "w")], (await _client.GetExperimentByNameAsync("two"))!.Tags); // it is there
        Assert.Null(await _client.GetExperimentByNameAsync("one"));
        var found = new List<string>();
        await foreach (var experiment in _client.SearchExperimentsAsync("name LIKE 'tw%'")) found.Add(experiment.Name);
        Assert.Equal(["two"], found);
        var taken = await Assert.ThrowsAsync<MlflowException>(() => _client.CreateExperimentAsync("two"));
        Assert.Equal("RESOURCE_ALREADY_EXISTS", taken.ErrorCode);
    }

    [Fact]
    public async Task Registry_VersionAliasStage_AreSeen()
    {
        await using var run = await ActiveRun.StartAsync(client: _client);
        await run.LogTextAsync("weights", "model/weights.txt");
        await _client.CreateRegisteredModelAsync("fares", "taxi fares", [new Tag("k", "v")]);
        var version = await _client.CreateModelVersionAsync("fares", $"{run.Info.ArtifactUri}/model", run.Id);
        Assert.Equal(("1", "READY"), (version.Version, version.Status));
        await _client.SetRegisteredModelAliasAsync("fares", "champion", "1");
        await _client.SetModelVersionTagAsync("fares", "1", "checked", "yes");
        var champion = await _client.GetModelVersionByAliasAsync("fares", "champion");
        Assert.Equal((run.Id, "champion", new Tag("checked", "yes")),
            (champion.RunId, champion.Aliases.Single(), champion.Tags.Single()));
        Assert.Equal("Production",
            (await _client.TransitionModelVersionStageAsync("fares", "1", "production")).CurrentStage);
        Assert.EndsWith("/model", await _client.GetModelVersionDownloadUriAsync("fares", "1"));

        var model = await _client.GetRegisteredModelAsync("fares");
        Assert.Equal([new ModelAlias("champion", "1")], model.Aliases);
        var models = new List<string>();
        await foreach (var found in _client.SearchRegisteredModelsAsync("name ILIKE 'FAR%'")) models.Add(found.Name);
        Assert.Equal(["fares"], models);

        await _client.DeleteRegisteredModelAliasAsync("fares", "champion");
        await _client.DeleteModelVersionAsync("fares", "1");
        var versions = new List<string>();
        await foreach (var found in _client.SearchModelVersionsAsync("name = 'fares'")) versions.Add(found.Version);
        Assert.Empty(versions);
        await _client.DeleteRegisteredModelAsync("fares");
        Assert.True((await Assert.ThrowsAsync<MlflowException>(() => _client.GetRegisteredModelAsync("fares"))).IsNotFound);
    }
}
