using System.Collections.Immutable;
using Gyre.Fixtures;
using Gyre.Tabular;

namespace Gyre.Data.Tests;

public sealed class ContractCheckerTests : IDisposable
{
    private static readonly DateTimeOffset _now = new(2024, 5, 10, 0, 0, 0, TimeSpan.Zero);

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task CheckAsync_WithQuarantine_SetsRowsAsideWithTheRulesTheyBroke()
    {
        var snapshot = await Take("id,n,c,at\n1,5,a,2024-05-01\n2,many,a,2024-05-02\n2,50,b,2024-05-03\n4,,z,2024-05-04\n5,7,a,2024-05-05\n");
        var contract = new DataContract(
        [
            new ColumnContract("id", new TypeRule(ColumnType.Id), Unique: new UniqueRule(RuleAction.Quarantine)),
            new ColumnContract("n", new TypeRule(ColumnType.Integer), new NotNullRule(), new RangeRule(0, 10, RuleAction.Quarantine)),
            new ColumnContract("c", new TypeRule(ColumnType.Categorical), Allowed: new AllowedRule(["a", "b"], RuleAction.Quarantine)),
        ]);
        var report = await Check(snapshot, contract);
        Assert.False(report.Failed);
        Assert.Equal(3, report.QuarantinedRows);
        Assert.Equal(
            ["row,broken_rules,id,n,c,at", "2,n.type,2,many,a,2024-05-02 00:00:00", "3,id.unique; n.range,2,50,b,2024-05-03 00:00:00",
             "4,n.nullability; c.allowed,4,,z,2024-05-04 00:00:00"],
            await File.ReadAllLinesAsync(report.QuarantinePath!));
        using var engine = new SqlEngine();
        var valid = engine.Query($"FROM read_parquet('{report.ValidPath}')", snapshot.Schema);
        Assert.Equal(["1", "5"], Enumerable.Range(0, valid.RowCount).Select(valid["id"].ValueAt));
        var broken = report.Broken.ToDictionary(r => $"{r.Column}.{r.Rule}", r => r.Message);
        Assert.Equal("n must be Integer: 1 rows do not, such as row 2 ('many')", broken["n.type"]);
        Assert.Equal("n must not be missing: 1 rows do not, such as row 4 (missing)", broken["n.nullability"]);
    }

    [Fact]
    public async Task CheckAsync_WithWarn_KeepsTheRows()
    {
        var snapshot = await Take("id,n,c,at\n1,500,a,2024-05-01\n");
        var report = await Check(snapshot, new DataContract([new ColumnContract("n", new TypeRule(ColumnType.Integer), Range: new RangeRule(0, 10))]));
        Assert.False(report.Failed);
        Assert.Equal(1, report.Broken.Single().Violations);
        Assert.Equal(snapshot.Path, report.ValidPath);
        Assert.Null(report.QuarantinePath);
        Assert.False(Directory.Exists(_folder.File("quarantine")));
    }

    [Fact]
    public async Task CheckAsync_WithFail_FailsAndWritesNothing()
    {
        var snapshot = await Take("id,n,c,at\n1,500,a,2024-05-01\n1,,a,2024-05-01\n");
        var report = await Check(snapshot, new DataContract(
            [new ColumnContract("n", new TypeRule(ColumnType.Integer), new NotNullRule(), new RangeRule(null, 10, RuleAction.Fail))]));
        Assert.True(report.Failed);
        Assert.False(Directory.Exists(_folder.File("quarantine")));
    }

    [Fact]
    public async Task CheckAsync_WhenAColumnIsGone_Fails()
    {
        var snapshot = await Take("id,n,c,at\n1,5,a,2024-05-01\n");
        var report = await Check(snapshot, new DataContract([new ColumnContract("gone", new TypeRule(ColumnType.Integer))]));
        Assert.True(report.Failed);
        Assert.Equal("present", report.Broken.Single().Rule);
    }

    [Theory]
    [InlineData(10, true)]
    [InlineData(8, false)]
    public async Task CheckAsync_WithFreshness_LooksAtTheNewestRow(int days, bool passes)
    {
        var snapshot = await Take("id,n,c,at\n1,5,a,2024-05-01\n2,5,a,2024-04-01\n");
        var report = await Check(snapshot, new DataContract([], new FreshnessRule("at", TimeSpan.FromDays(days), RuleAction.Fail)));
        Assert.Equal(!passes, report.Failed);
    }

    [Theory]
    [InlineData("bike_hourly/bike_hourly.csv.gz", "cnt")]
    [InlineData("adult/adult.csv.gz", "income")]
    [InlineData("telco_churn/telco_churn.csv.gz", "churn")]
    [InlineData("online_retail/online_retail.csv.gz", null)]
    [InlineData("football_results/football_results.csv.gz", null)]
    [InlineData("penguins/penguins.csv.gz", "species")]
    public async Task CheckAsync_OfAnInferredContract_AcceptsWhatItWasInferredFrom(string file, string? target)
    {
        if (TestData.Shared(file) is not { } path) return;
        var source = new SourceDefinition([path]);
        var inspection = await new SourceInspector().InspectAsync(source, target, null, CancellationToken.None);
        var snapshot = await Store().TakeAsync(source, inspection.Schema, CancellationToken.None);
        Assert.Null(snapshot.RejectsPath);
        Assert.Empty((await Check(snapshot, inspection.Contract)).Broken);
    }

    public void Dispose() => _folder.Dispose();

    private SnapshotStore Store() => new(_folder.File("data"), TimeProvider.System);

    private Task<ContractReport> Check(Snapshot snapshot, DataContract contract) =>
        new ContractChecker().CheckAsync(snapshot, contract, _folder.File("quarantine"), _now, CancellationToken.None);

    private async Task<Snapshot> Take(string text)
    {
        await File.WriteAllTextAsync(_folder.File("a.csv"), text);
        var schema = new Schema(
        [
            new ColumnDefinition("id", ColumnType.Id), new ColumnDefinition("n", ColumnType.Integer),
            new ColumnDefinition("c", ColumnType.Categorical), new ColumnDefinition("at", ColumnType.Timestamp),
        ]);
        return await Store().TakeAsync(new SourceDefinition([_folder.File("a.csv")]), schema, CancellationToken.None);
    }
}
