using Gyre.Primitives;

namespace Gyre.Tracking.Tests;

[Collection(PostgresTests.Name)]
public class RunStoreTests(PostgresServer server)
{
    [Theory, OnSqlite, OnPostgres]
    public async Task StartAsync_WithParent_StoresMlflowsValues(DatabaseKind kind)
    {
        using var workspace = new Workspace(server, kind);
        var experiment = await workspace.Runs.GetOrCreateExperimentAsync("bike");
        var parent = await workspace.Runs.StartAsync(new RunStart(experiment.Id, "pipeline"));
        var child = await workspace.Runs.StartAsync(new RunStart(experiment.Id, "boosting", parent.Id)
        {
            Tags = new Dictionary<string, string> { [RunTags.SourceName] = "gyre run" },
        });

        Assert.Equal((1, "bike", "mlflow-artifacts:/1"), (experiment.Id, experiment.Name, experiment.ArtifactLocation));
        Assert.Equal((workspace.Time.Now, false), (experiment.CreatedAt, experiment.IsDeleted));
        Assert.Matches("^[0-9a-f]{32}$", child.Id);
        Assert.Equal(parent.Id, child.ParentId);
        Assert.Equal($"mlflow-artifacts:/1/{child.Id}/artifacts", child.ArtifactUri);
        Assert.Equal("boosting", child.Tags["mlflow.runName"]);
        Assert.Equal(("gyre run", "LOCAL"), (child.Tags["mlflow.source.name"], child.Tags["mlflow.source.type"]));
        Assert.Equal("gyre", parent.Tags["mlflow.source.name"]);
        Assert.Equal((RunStatus.Running, workspace.Time.Now, null), (child.Status, child.StartedAt, child.EndedAt));
        Assert.Equal([child.Id], workspace.Runs.ListChildren(parent.Id).Select(run => run.Id));
        using var connection = workspace.Database.OpenConnection();
        Assert.Equal(["RUNNING", "UNKNOWN", "", "", "", workspace.Time.Now.ToUnixTimeMilliseconds(), null, "active"],
            SchemaTests.Query(connection, $"""
                SELECT status, source_type, source_name, entry_point_name, source_version, start_time, end_time,
                  lifecycle_stage
                FROM runs WHERE run_uuid = '{child.Id}'
                """).Single());
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task LogBatchAsync_SeveralPoints_LatestIsGreatestByStepTimestampValue(DatabaseKind kind)
    {
        using var workspace = new Workspace(server, kind);
        var run = await workspace.Runs.StartAsync(new RunStart(0, "r"));
        var t = workspace.Time.Now;

        await LogMetricsAsync(workspace, run,
            new Metric("loss", 3, 1, t), new Metric("loss", 2, 2, t), new Metric("loss", 9, 1, t.AddHours(1)),
            new Metric("loss", 2.5, 2, t), new Metric("loss", 2.5, 2, t), new Metric("early", -1, -5));

        var read = workspace.Runs.Get(run.Id);
        Assert.Equal(2.5, read.Metrics["loss"]);
        Assert.Equal(-1, read.Metrics["early"]);
        Assert.Equal([3.0, 2.0, 2.5, 9.0], workspace.Runs.MetricHistory(run.Id, "loss").Select(m => m.Value).ToArray());
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task LogBatchAsync_NanAndInfinities_AreStoredAsMlflowDoes(DatabaseKind kind)
    {
        using var workspace = new Workspace(server, kind);
        var run = await workspace.Runs.StartAsync(new RunStart(0, "r"));

        await LogMetricsAsync(workspace, run, new Metric("nan", double.NaN), new Metric("up", double.PositiveInfinity),
            new Metric("down", double.NegativeInfinity), new Metric("late", 7, 1), new Metric("late", double.NaN, 2));

        var metrics = workspace.Runs.Get(run.Id).Metrics;
        Assert.Equal(double.NaN, metrics["nan"]);
        Assert.Equal(double.NaN, metrics["late"]);
        Assert.Equal((double.MaxValue, double.MinValue), (metrics["up"], metrics["down"]));
        using var connection = workspace.Database.OpenConnection();
        Assert.Equal(
            [0.0, 1L], SchemaTests.Query(connection, "SELECT value, is_nan FROM metrics WHERE key = 'nan'").Single());
        Assert.Equal([1.7976931348623157e308, 0L],
            SchemaTests.Query(connection, "SELECT value, is_nan FROM latest_metrics WHERE key = 'up'").Single());
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task LogBatchAsync_ParameterChanged_IsRefusedWhole(DatabaseKind kind)
    {
        using var workspace = new Workspace(server, kind);
        var run = await workspace.Runs.StartAsync(new RunStart(0, "r"));
        var first = new RunBatch { Parameters = new Dictionary<string, string> { ["depth"] = "6" } };
        await workspace.Runs.LogBatchAsync(run.Id, first);
        await workspace.Runs.LogBatchAsync(run.Id, first);

        var error = await Assert.ThrowsAsync<GyreException>(() => workspace.Runs.LogBatchAsync(run.Id, new RunBatch
        {
            Parameters = new Dictionary<string, string> { ["new"] = "1", ["depth"] = "7" },
            Metrics = [new Metric("m", 1)],
        }));

        Assert.Contains("'depth' is '6'", error.Message, StringComparison.Ordinal);
        var read = workspace.Runs.Get(run.Id);
        Assert.Equal(["depth"], read.Parameters.Keys);
        Assert.Empty(read.Metrics);
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task LogBatchAsync_RunNameTag_RenamesTheRun(DatabaseKind kind)
    {
        using var workspace = new Workspace(server, kind);
        var run = await workspace.Runs.StartAsync(new RunStart(0, "old"));
        await workspace.Runs.LogBatchAsync(
            run.Id, new RunBatch { Tags = new Dictionary<string, string> { [RunTags.RunName] = "new" } });
        Assert.Equal("new", workspace.Runs.Get(run.Id).Name);
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task LogBatchAsync_LongValues_AreCutAtWholeCharacters(DatabaseKind kind)
    {
        using var workspace = new Workspace(server, kind);
        var run = await workspace.Runs.StartAsync(new RunStart(0, "r"));
        await workspace.Runs.LogBatchAsync(run.Id, new RunBatch
        {
            Parameters = new Dictionary<string, string> { ["p"] = new string('x', 5999) + "😀" },
            Tags = new Dictionary<string, string> { ["t"] = new string('y', 9000) },
        });
        var read = workspace.Runs.Get(run.Id);
        Assert.Equal(new string('x', 5999), read.Parameters["p"]);
        Assert.Equal(8000, read.Tags["t"].Length);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a//b")]
    [InlineData("../a")]
    [InlineData("/a")]
    [InlineData("a%")]
    public async Task LogBatchAsync_BadName_IsRefused(string name)
    {
        using var workspace = new Workspace();
        var run = await workspace.Runs.StartAsync(new RunStart(0, "r"));
        var error = await Assert.ThrowsAsync<GyreException>(() => LogMetricsAsync(workspace, run, new Metric(name, 1)));
        Assert.Equal(ErrorCode.InvalidInput, error.Code);
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task LogBatchAsync_UnknownRun_IsNotFound(DatabaseKind kind)
    {
        using var workspace = new Workspace(server, kind);
        var error = await Assert.ThrowsAsync<GyreException>(
            () => workspace.Runs.LogBatchAsync("absent", new RunBatch { Metrics = [new Metric("m", 1)] }));
        Assert.Equal(ErrorCode.NotFound, error.Code);
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task LogInputAsync_SameDatasetInTwoRuns_IsStoredOnce(DatabaseKind kind)
    {
        using var workspace = new Workspace(server, kind);
        var input = new DatasetInput("bike", "abc123", "local", """{"uri":"bike.csv"}""", Context: "training");
        var a = await workspace.Runs.StartAsync(new RunStart(0, "a"));
        var b = await workspace.Runs.StartAsync(new RunStart(0, "b"));

        await workspace.Runs.LogInputAsync(a.Id, input);
        await workspace.Runs.LogInputAsync(a.Id, input);
        await workspace.Runs.LogInputAsync(b.Id, input);

        Assert.Equal([input], workspace.Runs.Get(a.Id).Datasets.AsEnumerable());
        Assert.Equal([input], workspace.Runs.Get(b.Id).Datasets.AsEnumerable());
        using var connection = workspace.Database.OpenConnection();
        Assert.Equal(1L, SchemaTests.Query(connection, "SELECT count(*) FROM datasets").Single()[0]);
        Assert.Equal(2L, SchemaTests.Query(connection, "SELECT count(*) FROM inputs").Single()[0]);
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task List_SeveralRuns_LatestFirstWithTheirValues(DatabaseKind kind)
    {
        using var workspace = new Workspace(server, kind);
        var a = await workspace.Runs.StartAsync(new RunStart(0, "a"));
        workspace.Time.Now += TimeSpan.FromSeconds(1);
        var b = await workspace.Runs.StartAsync(new RunStart(0, "b"));
        await LogMetricsAsync(workspace, a, new Metric("m", 1));
        await LogMetricsAsync(workspace, b, new Metric("m", 2));
        await workspace.Runs.FinishAsync(b.Id, RunStatus.Finished);

        var runs = workspace.Runs.List(0);

        Assert.Equal([("b", 2.0, RunStatus.Finished), ("a", 1.0, RunStatus.Running)],
            runs.Select(run => (run.Name, run.Metrics["m"], run.Status)));
        Assert.Equal(workspace.Time.Now, runs[0].EndedAt);
        Assert.Equal(["b"], workspace.Runs.List(0, limit: 1).Select(run => run.Name));
    }

    private static Task LogMetricsAsync(Workspace workspace, Run run, params Metric[] metrics) =>
        workspace.Runs.LogBatchAsync(run.Id, new RunBatch { Metrics = metrics });
}
