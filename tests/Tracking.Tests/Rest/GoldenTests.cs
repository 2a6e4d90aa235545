using Gyre.Fixtures;

namespace Gyre.Tracking.Tests.Rest;

/// <summary>Every file of <c>Golden/rest</c> against a server of its own.</summary>
[Collection(PostgresTests.Name)]
public sealed class GoldenTests(PostgresServer postgres)
{
    private static readonly string Folder =
        Path.Combine(TestData.Root, "tests", "Tracking.Tests", "Golden", "rest");

    public static TheoryData<string> Files { get; } =
        [.. Directory.GetFiles(Folder, "*.json").Select(file => Path.GetFileNameWithoutExtension(file)).Order()];

    [Theory]
    [MemberData(nameof(Files))]
    public async Task Play_RecordedPairs_AnswersAsRecorded(string name)
    {
        await using var server = await RestFixture.StartAsync();
        await GoldenRunner.PlayAsync(server, Path.Combine(Folder, name + ".json"));
    }

    [PostgresTheory]
    [MemberData(nameof(Files))]
    public async Task Play_RecordedPairsOnPostgres_AnswersAsRecorded(string name)
    {
        await using var server = await RestFixture.StartAsync(StoreAddress.Parse(postgres.CreateDatabaseAddress()));
        await GoldenRunner.PlayAsync(server, Path.Combine(Folder, name + ".json"));
    }
}
