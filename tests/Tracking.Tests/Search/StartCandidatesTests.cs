using System.Data.Common;
using Gyre.Tracking.Search;

namespace Gyre.Tracking.Tests.Search;

public class StartCandidatesTests
{
    private static readonly CandidateLimits Whole = new(int.MaxValue, 0, 0);

    [Theory]
    [InlineData("1000 * i")] // one a second
    [InlineData("1000 * (i / 300)")] // many at the same time
    [InlineData("CASE WHEN i < 2900 THEN i ELSE i * 1000000 END")] // few late ones, far from the rest
    [InlineData("CASE WHEN i % 3 = 0 THEN NULL ELSE i END")]
    [InlineData("NULL")]
    [InlineData("(i * 7919) % 3001 - 1500")]
    public void Search_ManyRuns_GivesThePagesOfTheWholeSearch(string start)
    {
        using var workspace = new Workspace();
        Fill(workspace, start);
        using var connection = workspace.Database.OpenConnection();
        Compare(connection, new RunSearchQuery { ExperimentIds = [0], MaxResults = 150 }, pages: 20);
    }

    [Theory]
    [InlineData("1000 * i")]
    [InlineData("CASE WHEN i % 3 = 0 THEN i + 9000 ELSE i END")] // all of one experiment are the latest
    [InlineData("1000 * (i / 70)")]
    public void Search_SeveralExperimentsAndStages_GivesThePagesOfTheWholeSearch(string start)
    {
        using var workspace = new Workspace();
        Fill(workspace, start, experiments: 3);
        using var connection = workspace.Database.OpenConnection();
        Compare(connection, new RunSearchQuery { ExperimentIds = [0, 1], MaxResults = 100 }, pages: 16);
        Compare(connection,
            new RunSearchQuery { ExperimentIds = [0, 1, 2], MaxResults = 100, ViewType = ViewType.All }, pages: 30);
        Compare(connection,
            new RunSearchQuery { ExperimentIds = [2, 0], MaxResults = 30, ViewType = ViewType.DeletedOnly }, pages: 14);
    }

    private static void Compare(DbConnection connection, RunSearchQuery query, int pages)
    {
        var (token, seen) = ((string?)null, 0);
        do
        {
            var fast = RunSearch.Search(connection, query with { PageToken = token });
            var whole = RunSearch.Search(connection, query with { PageToken = token }, Whole);
            Assert.Equal(whole.Items, fast.Items);
            Assert.Equal(whole.NextPageToken, fast.NextPageToken);
            token = fast.NextPageToken;
            seen++;
        }
        while (token is not null);

        Assert.Equal(pages, seen);
    }

    [Fact]
    public void Find_LargeExperiment_IsThePageAndLittleMore()
    {
        using var workspace = new Workspace();
        Fill(workspace, "1000 * i");
        using var connection = workspace.Database.OpenConnection();
        var query = new RunSearchQuery { ExperimentIds = [0], MaxResults = 99 };
        Assert.Equal(199, StartCandidates.Find(connection, query, [], [], null, CandidateLimits.Default)!.Ids.Count);
        var many = query with { ExperimentIds = [.. Enumerable.Range(0, 17)] };
        Assert.Null(StartCandidates.Find(connection, many, [], [], null, CandidateLimits.Default));
    }

    private static void Fill(
        Workspace workspace, string start, int experiments = 1) => workspace.Database.WriteAsync(connection =>
    {
        using var command = connection.CreateCommand();
        command.CommandText = $"""
            INSERT INTO experiments (name, lifecycle_stage) VALUES ('one', 'active'), ('two', 'active');
            INSERT INTO runs (run_uuid, experiment_id, lifecycle_stage, status, start_time)
            SELECT printf('%032x', (i * 48271) % 65537), i % {experiments},
                   CASE WHEN {experiments} > 1 AND i % 5 = 0 THEN 'deleted' ELSE 'active' END, 'FINISHED', {start}
            FROM (WITH RECURSIVE s(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM s WHERE i < 2999) SELECT i FROM s)
            """;
        command.ExecuteNonQuery();
    }).GetAwaiter().GetResult();
}
