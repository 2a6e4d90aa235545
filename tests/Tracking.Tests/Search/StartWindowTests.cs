using Gyre.Tracking.Search;

namespace Gyre.Tracking.Tests.Search;

public class StartWindowTests
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
        var query = new RunSearchQuery { ExperimentIds = [0], MaxResults = 150 };
        var (token, pages) = ((string?)null, 0);
        do
        {
            var fast = RunSearch.Search(connection, query with { PageToken = token });
            var whole = RunSearch.Search(connection, query with { PageToken = token }, Whole);
            Assert.Equal(whole.Items, fast.Items);
            Assert.Equal(whole.NextPageToken, fast.NextPageToken);
            token = fast.NextPageToken;
            pages++;
        }
        while (token is not null);

        Assert.Equal(20, pages);
    }

    [Fact]
    public void Begin_EvenStarts_HoldsThePageAndLittleMore()
    {
        using var workspace = new Workspace();
        Fill(workspace, "1000 * i");
        using var connection = workspace.Database.OpenConnection();
        var query = new RunSearchQuery { ExperimentIds = [0], MaxResults = 99 };
        Assert.InRange(StartWindow.Begin(connection, query, [], [], null, CandidateLimits.Default)!.Value, 2_599_000, 2_600_999);
        Assert.Null(StartWindow.Begin(connection, query with { MaxResults = 1000 }, [], [], null, CandidateLimits.Default));
        Assert.Null(StartWindow.Begin(connection, query with { ExperimentIds = [7] }, [], [], null, CandidateLimits.Default));
    }

    private static void Fill(Workspace workspace, string start) => workspace.Database.WriteAsync(connection =>
    {
        using var command = connection.CreateCommand();
        command.CommandText = $"""
            INSERT INTO runs (run_uuid, experiment_id, lifecycle_stage, status, start_time)
            SELECT printf('%032x', (i * 48271) % 65537), 0, 'active', 'FINISHED', {start}
            FROM (WITH RECURSIVE s(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM s WHERE i < 2999) SELECT i FROM s)
            """;
        command.ExecuteNonQuery();
    }).GetAwaiter().GetResult();
}
