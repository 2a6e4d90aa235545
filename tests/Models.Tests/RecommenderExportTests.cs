using Gyre.Fixtures;
using Gyre.Tabular;
using Gyre.Training;
using Xunit.Abstractions;

namespace Gyre.Models.Tests;

public sealed class RecommenderExportTests(ITestOutputHelper output)
{
    public static TheoryData<string, bool, ColumnType> Trainers { get; } = new()
    {
        { "popularity", true, ColumnType.Id },
        { "popularity", false, ColumnType.Integer },
        { "als", true, ColumnType.Integer },
        { "als", true, ColumnType.Categorical },
        { "biased_sgd", true, ColumnType.Text },
        { "ials", true, ColumnType.Id },
        { "ials", false, ColumnType.Id },
        { "ials", false, ColumnType.Integer },
    };

    [Theory]
    [MemberData(nameof(Trainers))]
    public void Export_Recommender_GraphListsWhatTheTrainerLists(string trainer, bool rated, ColumnType type)
    {
        var pipeline = Train(trainer, Ratings(type, 3000, seed: 1), rated);
        using var scorer = ModelScorer.FromBytes(OnnxExporter.Export(pipeline, [], Raw(type)));
        var rows = Ratings(type, 500, seed: 2, strangers: true);

        var report = ParityCheck.Compare(pipeline, rows, scorer, rows);

        Assert.True(report.Passed, $"{report.MaxRelativeDifference}");
        Assert.Equal(500, report.Rows);
        Assert.Equal(rated ? ["user", "item"] : ["user"], scorer.Inputs.Select(c => c.Name));
        Assert.Equal(rated ? 3 : 2, scorer.Signature.Outputs.Length);
    }

    [Fact]
    public void Score_KnownUser_NothingThatTheUserHasHad()
    {
        var table = Ratings(ColumnType.Id, 3000, seed: 1);
        var pipeline = Train("als", table, rated: true);
        using var scorer = ModelScorer.FromBytes(OnnxExporter.Export(pipeline, [], Raw(ColumnType.Id)));
        var (users, items) = ((CategoricalColumn)table["user"], (CategoricalColumn)table["item"]);
        var had = Enumerable.Range(0, table.RowCount).ToLookup(row => users.StringAt(row), row => items.StringAt(row));

        var lists = scorer.Score(table.Take([.. Enumerable.Range(0, 300)])).Recommendations!;

        for (var row = 0; row < lists.Rows; row++)
        {
            Assert.Empty(lists.ItemsOf(row).ToArray().Intersect(had[users.StringAt(row)]));
            Assert.Equal(10, lists.ItemsOf(row).ToArray().Distinct().Count());
        }
    }

    [Fact]
    public void Score_UserWhoHadAllButTwo_ListEndsEmpty()
    {
        var items = Enumerable.Range(0, 12).Select(i => $"i{i}").ToArray();
        var table = Pairs([.. items.Skip(2).Select(i => ("u", i)), ("v", "i0"), ("v", "i1"), ("w", "i1")]);
        var pipeline = Train("popularity", table, rated: false);
        using var scorer = ModelScorer.FromBytes(OnnxExporter.Export(pipeline, [], Raw(ColumnType.Id)));

        var lists = scorer.Score(Pairs([("u", "i0"), ("new", "i0")])).Recommendations!;

        Assert.Equal(["i1", "i0", "", "", "", "", "", "", "", ""], lists.ItemsOf(0).ToArray());
        Assert.Equal(Recommendations.NoScore, lists.ScoresOf(0)[2]);
        Assert.Equal("i1", lists.ItemsOf(1)[0]);
        Assert.Equal(10, lists.ItemsOf(1).ToArray().Count(i => i.Length > 0));
        Assert.True(ParityCheck.Compare(pipeline, table, scorer, table).Passed);
    }

    [SharedDataFact("movietweetings/ratings.csv.gz")]
    public void MeasureLatency_AllMovies_WithinTheGate()
    {
        var cells = File.OpenRead(TestData.Shared("movietweetings/ratings.csv.gz")!);
        using var reader = new StreamReader(new System.IO.Compression.GZipStream(cells, System.IO.Compression.CompressionMode.Decompress));
        var pairs = reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(l => l.Split(','))
            .Select(c => (c[0], c[1])).ToArray();
        var table = Pairs(pairs);
        var pipeline = TrainerFactory.Create("ials", new Dictionary<string, string> { ["iterations"] = "1" }, TaskKind.Recommendation)
            .Train(TrainingSet.Create(table, "item", TaskKind.Recommendation, ["user", "item"]), null, new TrainingContext(1, 2));
        var onnx = OnnxExporter.Export(pipeline, [], Raw(ColumnType.Id));
        using var scorer = ModelScorer.FromBytes(onnx);

        var latency = scorer.MeasureLatency(table.Take([.. Enumerable.Range(0, 50)]), 200);

        output.WriteLine($"{onnx.Length / 1e6:F1} MB, p50 {latency.P50.TotalMilliseconds:F3} ms, p99 {latency.P99.TotalMilliseconds:F3} ms");
        Assert.True(onnx.Length < 100e6);
        Assert.True(latency.P50.TotalMilliseconds < 50, $"{latency.P50}");
    }

    private static FittedPipeline Train(string trainer, Table table, bool rated)
    {
        var set = TrainingSet.Create(table, rated ? "rating" : "item", TaskKind.Recommendation, ["user", "item"]);
        return TrainerFactory.Create(trainer, new Dictionary<string, string>(), TaskKind.Recommendation)
            .Train(set, null, new TrainingContext(Seed: 3, Threads: 2));
    }

    private static Schema Raw(ColumnType type) => new(
        [new ColumnDefinition("user", type), new ColumnDefinition("item", type), new ColumnDefinition("rating", ColumnType.Numeric)]);

    private static Table Pairs((string User, string Item)[] pairs) => new(
    [
        CategoricalColumn.FromValues("user", ColumnType.Id, pairs.Select(p => p.User)),
        CategoricalColumn.FromValues("item", ColumnType.Id, pairs.Select(p => p.Item)),
    ]);

    /// <summary>Users and items of whom the low numbers are met most; strangers are ids that training does not meet.</summary>
    private static Table Ratings(ColumnType type, int rows, int seed, bool strangers = false)
    {
        var random = new Random(seed);
        var users = Draw(150);
        var items = Draw(80);
        var ratings = Enumerable.Range(0, rows)
            .Select(row => 5 + ((users[row] ?? 0) % 3) - ((items[row] ?? 0) % 4) + random.NextDouble()).ToArray();
        return new Table([Ids("user", users), Ids("item", items), new Column<double>("rating", ColumnType.Numeric, ratings)]);

        long?[] Draw(int count) => [.. Enumerable.Range(0, rows).Select<int, long?>(row => strangers && row % 7 == 0
            ? row % 2 == 0 ? null : 10_000L + row
            : (long)(count * random.NextDouble() * random.NextDouble()))];

        Column Ids(string name, long?[] values) => type == ColumnType.Integer
            ? new Column<long>(name, type, [.. values.Select(v => v ?? 0)], [.. values.Select(v => v is null)])
            : CategoricalColumn.FromValues(name, type, values.Select(v => v is { } id ? $"n{id}" : null));
    }
}
