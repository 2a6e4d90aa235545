using System.Data.Common;
using System.Diagnostics;
using Gyre.Tracking.Search;
using Gyre.Tracking.Storage;

namespace Gyre.Tracking.Tests.Search;

public class RunSearchTests
{
    [Fact]
    public void Search_TokenOfAnotherQuery_IsRefused()
    {
        using var connection = Filled(5);
        var query = new RunSearchQuery { ExperimentIds = [1], MaxResults = 2, OrderBy = ["metrics.m"] };
        var token = RunSearch.Search(connection, query).NextPageToken;
        Assert.NotNull(token);
        Assert.Equal(2, RunSearch.Search(connection, query with { PageToken = token, MaxResults = 2 }).Items.Count);
        Assert.Equal(3, RunSearch.Search(connection, query with { PageToken = token, MaxResults = 9 }).Items.Count);
        RunSearchQuery[] others =
        [
            query with { Filter = "metrics.m > 0" }, query with { OrderBy = ["metrics.m DESC"] },
            query with { OrderBy = [] }, query with { ExperimentIds = [1, 2] }, query with { ViewType = ViewType.All },
        ];
        foreach (var other in others) Refused(connection, other with { PageToken = token }, "Invalid page token");
    }

    [Theory]
    [InlineData("not base64!")]
    [InlineData("AAAA")]
    [InlineData("bm90IGpzb24=")] // not json
    [InlineData("e30=")] // {}
    [InlineData("W10=")] // []
    [InlineData("eyJvZmZzZXQiOiAiYSJ9")] // {"offset": "a"}
    [InlineData("eyJvZmZzZXQiOiAtMX0=")] // {"offset": -1}
    [InlineData("eyJvZmZzZXQiOiAwfQ==")] // {"offset": 0}
    [InlineData("eyJxIjoxLCJrIjpbXX0=")] // {"q":1,"k":[]}
    public void Search_NoToken_IsRefused(string token)
    {
        using var connection = Filled(1);
        Refused(connection, new RunSearchQuery { ExperimentIds = [1], PageToken = token }, "Invalid page token");
    }

    [Fact]
    public void Search_ForgedToken_IsRefusedOrSearches()
    {
        using var connection = Filled(5);
        var query = new RunSearchQuery { ExperimentIds = [1], MaxResults = 2, OrderBy = ["metrics.m", "tags.t"] };
        var real = PageToken.Decode(RunSearch.Search(connection, query).NextPageToken, Fingerprint(query))!;
        var random = new Random(5);
        string?[] values = [null, "", "0", "1", "2", "x", "-1", "1e999", "9999999999999999999", "' OR 1=1 --"];
        for (var round = 0; round < 2_000; round++)
        {
            var after = real.After!.ToArray();
            for (var i = random.Next(1, 4); i > 0; i--)
                after[random.Next(after.Length)] = values[random.Next(values.Length)];
            if (random.Next(10) == 0) after = after[..random.Next(after.Length)];
            try
            {
                RunSearch.Search(connection, query with { PageToken = PageToken.Encode(real.Query!, after) });
            }
            catch (FilterException ex)
            {
                Assert.Contains("Invalid page token", ex.Message, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void Search_PageThatEndsExactly_HasNoToken()
    {
        using var connection = Filled(4);
        var query = new RunSearchQuery { ExperimentIds = [1], MaxResults = 2 };
        var first = RunSearch.Search(connection, query);
        var second = RunSearch.Search(connection, query with { PageToken = first.NextPageToken });
        Assert.Equal(2, second.Items.Count);
        Assert.Null(second.NextPageToken);
        Assert.Null(RunSearch.Search(connection, query with { MaxResults = 4 }).NextPageToken);
    }

    [Fact]
    public void Search_RowsAddedBetweenPages_NeitherRepeatNorHideOthers()
    {
        using var connection = Filled(6);
        var query = new RunSearchQuery { ExperimentIds = [1], MaxResults = 3, OrderBy = ["metrics.m DESC"] };
        var first = RunSearch.Search(connection, query);
        Insert(connection, "new", 100); // would push every offset by one
        var second = RunSearch.Search(connection, query with { PageToken = first.NextPageToken });
        Assert.Equal(["r5", "r4", "r3"], first.Items);
        Assert.Equal(["r2", "r1", "r0"], second.Items);
    }

    [Fact]
    public void Search_ManyClausesAndOrders_AreWithinTheDatabasesLimits()
    {
        using var connection = Filled(3);
        CheckLimits(connection);
    }

    [Fact]
    public void Search_LargeExperiment_AgreesWithAndWithoutCandidates()
    {
        using var connection = Filled(3_000);
        var whole = new CandidateLimits(int.MaxValue, 0, 0);
        string[] filters =
        [
            "", "metrics.m > 1500", "metrics.m > 2990", "tags.t = 't3'", "run_name LIKE 'n%7'", "params.p != '1'",
            "metrics.m > 5 AND params.p = '3' AND tags.t ILIKE 'T_3'",
        ];
        string[][] orders = [[], ["metrics.m DESC"], ["params.p", "metrics.m"], ["tags.t DESC"], ["start_time"]];
        foreach (var filter in filters)
        {
            foreach (var order in orders)
            {
                var query = new RunSearchQuery
                {
                    ExperimentIds = [1], Filter = filter, OrderBy = order, MaxResults = 50,
                };
                for (var page = 0; page < 4; page++)
                {
                    var expected = RunSearch.Search(connection, query, whole);
                    var actual = RunSearch.Search(connection, query);
                    Assert.Equal(expected.Items, actual.Items);
                    Assert.Equal(expected.NextPageToken, actual.NextPageToken);
                    if (actual.NextPageToken is null) break;
                    query = query with { PageToken = actual.NextPageToken };
                }
            }
        }
    }

    [Fact]
    public void Search_SqlInNamesAndValues_IsText()
    {
        using var connection = Filled(3);
        const string Attack = "x'; DELETE FROM runs; --";
        var filter = $"tags.`{Attack}` = \"{Attack}\" AND params.\"{Attack}\" LIKE \"%{Attack}\"";
        var query = new RunSearchQuery { ExperimentIds = [1], Filter = filter, OrderBy = [$"metrics.`{Attack}`"] };
        Assert.Empty(RunSearch.Search(connection, query).Items);
        Assert.Equal(3, RunSearch.Search(connection, query with { Filter = "" }).Items.Count);
    }

    [Fact]
    public void Search_PatternOfManyWildcards_EndsSoon()
    {
        using var connection = Filled(1);
        connection.Execute("INSERT INTO tags (key, value, run_uuid) VALUES ('long', $1, 'r0')", new string('a', 8_000));
        var clock = Stopwatch.StartNew();
        var pattern = string.Concat(Enumerable.Repeat("%a", 4_000)) + "b";
        Search(connection, $"tags.long LIKE '{pattern}'");
        Search(connection, $"tags.long ILIKE '{pattern}%é'");
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(5), $"{clock.Elapsed}");
        var query = new RunSearchQuery { ExperimentIds = [1], Filter = $"tags.t LIKE '{new string('%', 60_000)}'" };
        Refused(connection, query, "a pattern has at most");
    }

    [Fact]
    public void Read_Page_HoldsAllOfEachRunInOrder()
    {
        using var connection = Filled(3);
        connection.Execute("PRAGMA foreign_keys = OFF");
        connection.Execute("INSERT INTO latest_metrics VALUES ('nan', 0, 5, 6, 1, 'r1')");
        connection.Execute("INSERT INTO datasets VALUES ('d1', 1, 'set', 'abc', 'local', '{}', NULL, 'p')");
        connection.Execute("INSERT INTO inputs VALUES ('i1', 'DATASET', 'd1', 'RUN', 'r1', 0)");
        connection.Execute("INSERT INTO input_tags VALUES ('i1', 'mlflow.data.context', 'train'), ('i1', 'a', 'b')");
        connection.Execute("INSERT INTO inputs VALUES ('i2', 'RUN_OUTPUT', 'r1', 'MODEL_OUTPUT', 'm-2', 7)");
        connection.Execute("INSERT INTO inputs VALUES ('i3', 'RUN_INPUT', 'r1', 'MODEL_INPUT', 'm-1', 0)");

        var runs = RunPageReader.Read(connection, ["r2", "missing", "r1"]);

        Assert.Equal(["r2", "r1"], runs.Select(run => run.Id));
        var run = runs[1];
        Assert.Equal(("n1", 1L, "FINISHED", 1L, "active"),
            (run.Name, run.ExperimentId, run.Status, run.StartTime, run.LifecycleStage));
        Assert.Equal(
            [new MetricRecord("m", 1, 1, 2), new MetricRecord("nan", double.NaN, 5, 6)], run.Metrics);
        Assert.Equal([KeyValuePair.Create("p", "1")], run.Params);
        Assert.Equal([KeyValuePair.Create("mlflow.runName", "n1"), KeyValuePair.Create("t", "t1")], run.Tags);
        var dataset = Assert.Single(run.Datasets);
        Assert.Equal(("set", "abc", "local", "{}", null, "p"),
            (dataset.Name, dataset.Digest, dataset.SourceType, dataset.Source, dataset.Schema, dataset.Profile));
        Assert.Equal(
            [KeyValuePair.Create("a", "b"), KeyValuePair.Create("mlflow.data.context", "train")], dataset.Tags);
        Assert.Equal([("m-2", 7L)], run.ModelOutputs);
        Assert.Equal(["m-1"], run.ModelInputs);
        Assert.Empty(runs[0].Datasets);
    }

    internal static void CheckLimits(DbConnection connection)
    {
        var filter = string.Join(" AND ", Enumerable.Range(0, FilterParser.MaxClauses).Select(i => (i % 4) switch
        {
            0 => $"metrics.m >= -{i}",
            1 => "tags.t LIKE 't%'",
            2 => $"params.x{i} IS NULL",
            _ => $"run_id NOT IN ({string.Join(',', Enumerable.Range(0, 300).Select(item => $"'x{item}'"))})",
        }));
        var order = Enumerable.Range(0, OrderByParser.MaxItems).Select(i => $"params.p{i}").ToArray();
        var query = new RunSearchQuery { ExperimentIds = [1], Filter = filter, OrderBy = order, MaxResults = 1 };
        var seen = 0;
        for (string? token = null; ; seen++)
        {
            var page = RunSearch.Search(connection, query with { PageToken = token });
            Assert.Single(page.Items);
            token = page.NextPageToken;
            if (token is null) break;
        }

        Assert.Equal(2, seen);
        Refused(connection, query with { Filter = filter + " AND tags.t = 'x'" }, "at most 200 comparisons");
        Refused(connection, query with { OrderBy = [.. order, "params.q"] }, "at most 32 items");
    }

    internal static void Fill(DbConnection connection, int runs)
    {
        using var transaction = connection.BeginTransaction();
        for (var i = 0; i < runs; i++) Insert(connection, $"r{i}", i);
        transaction.Commit();
    }

    private static DbConnection Filled(int runs)
    {
        var connection = SearchDatabase.OpenSqlite();
        Fill(connection, runs);
        return connection;
    }

    private static void Insert(DbConnection connection, string id, int number)
    {
        connection.Execute(
            """
            INSERT INTO runs (run_uuid, name, status, start_time, lifecycle_stage, experiment_id)
            VALUES ($1, $2, 'FINISHED', $3, 'active', 1)
            """,
            id, $"n{number}", number);
        connection.Execute(
            "INSERT INTO latest_metrics (key, value, timestamp, step, is_nan, run_uuid) VALUES ('m', $2, 1, 2, $3, $1)",
            id, (double)number, false);
        connection.Execute("INSERT INTO params (key, value, run_uuid) VALUES ('p', $2, $1)", id, $"{number % 10}");
        connection.Execute("INSERT INTO tags (key, value, run_uuid) VALUES ('t', $2, $1), ('mlflow.runName', $3, $1)",
            id, $"t{number % 100}", $"n{number}");
    }

    private static void Search(DbConnection connection, string filter) =>
        RunSearch.Search(connection, new RunSearchQuery { ExperimentIds = [1], Filter = filter });

    private static void Refused(DbConnection connection, RunSearchQuery query, string message)
    {
        var error = Assert.Throws<FilterException>(() => RunSearch.Search(connection, query));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    private static string Fingerprint(RunSearchQuery query) => PageToken.Fingerprint(
        "runs", query.ExperimentIds, query.Filter ?? "", query.ViewType, query.OrderBy);
}
