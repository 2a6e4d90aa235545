using Gyre.Tabular;

namespace Gyre.Models.Tests;

public sealed class ModelCardTests
{
    private static readonly ModelCardContent Content = new()
    {
        Name = "bike",
        Purpose = "Predicts how many bikes are rented in an hour.",
        Task = TaskKind.Regression,
        Target = "cnt",
        CreatedAt = new DateTimeOffset(2012, 3, 1, 12, 0, 0, TimeSpan.Zero),
        RunId = "0123",
        Data = new ModelCardSource("bike.csv", new string('a', 64), 8645),
        Candidates =
        [
            new ModelCardCandidate("dummy", [new ModelCardMetric("rmse", 180)], TimeSpan.FromSeconds(0.01), false),
            new ModelCardCandidate(
                "boosting", [new ModelCardMetric("rmse", 40.12345, 39, 41)], TimeSpan.FromSeconds(2), true),
        ],
        WhyChosen = "The lowest rmse.",
        Metrics = [new ModelCardMetric("rmse", 40.12345, 39, 41), new ModelCardMetric("r2", 0.00001)],
        Importance = [new ModelCardImportance("hour", 120, 2.5)],
        Contract = [new ModelCardColumn("a|b", ColumnType.Numeric, "0 to 1")],
    };

    [Fact]
    public void Write_FullContent_TellsEveryPart()
    {
        var card = ModelCard.Write(Content);

        Assert.StartsWith("# bike\n\nPredicts how many bikes", card, StringComparison.Ordinal);
        Assert.Contains("8,645 rows", card, StringComparison.Ordinal);
        Assert.Contains($"content hash `{new string('a', 64)}`", card, StringComparison.Ordinal);
        Assert.Contains("| **boosting** | 40.1235 (39 to 41) | 2.00 s |", card, StringComparison.Ordinal);
        Assert.Contains("The lowest rmse.", card, StringComparison.Ordinal);
        Assert.Contains("| rmse | 40.1235 | 39 to 41 |", card, StringComparison.Ordinal);
        Assert.Contains("| r2 | 1e-5 |", card, StringComparison.Ordinal);
        Assert.Contains("| hour | 120 ± 2.5 |", card, StringComparison.Ordinal);
        Assert.Contains("| a\\|b | Numeric | 0 to 1 |", card, StringComparison.Ordinal);
        Assert.Contains("## Limits", card, StringComparison.Ordinal);
    }

    [Fact]
    public void Write_NothingOptional_LeavesPartsOut()
    {
        var card = ModelCard.Write(Content with { Candidates = [], Metrics = [], Importance = [], Contract = [] });

        Assert.DoesNotContain("## Candidates", card, StringComparison.Ordinal);
        Assert.DoesNotContain("## Contract", card, StringComparison.Ordinal);
        Assert.Contains("## Data", card, StringComparison.Ordinal);
    }
}
