using Gyre.Fixtures;
using Gyre.Tabular;

namespace Gyre.Training.Tests.Quality;

/// <summary>
/// A data set under the protocol of the baselines: rows in file order; "mod5" tests on every fifth row from the first,
/// "time80" on the last fifth.
/// </summary>
internal sealed record Baseline(string Path, TaskKind Task, string Target, string? Positive, bool ByTime,
    params string[] Dropped)
{
    public static readonly Baseline Bike = new(
        TestData.Shipped("bike_hourly.csv.gz"), TaskKind.Regression, "cnt", null, true, "instant", "timestamp",
        "casual", "registered");

    public static readonly Baseline Adult = new("adult/adult.csv.gz", TaskKind.Binary, "income", ">50K", false);

    public static readonly Baseline Telco = new("telco_churn/telco_churn.csv.gz", TaskKind.Binary, "churn", "Yes",
        false);

    public static readonly Baseline Housing =
        new("california_housing/california_housing.csv.gz", TaskKind.Regression, "median_house_value", null, false);

    public static readonly Baseline Letter =
        new("letter_recognition/letter_recognition.csv.gz", TaskKind.Multiclass, "lettr", null, false);

    public (TrainingSet Train, TrainingSet Test) Load()
    {
        var table = CsvTable.Read(TestData.Shared(Path) ?? Path);
        var features = table.Schema.Select(c => c.Name).Where(n => n != Target && !Dropped.Contains(n)).ToArray();
        var set = TrainingSet.Create(table, Target, Task, features, Positive);
        var rows = Enumerable.Range(0, set.RowCount).ToArray();
        bool IsTest(int row) => ByTime ? row >= (int)(set.RowCount * 0.8) : row % 5 == 0;
        return (set.Take(rows.Where(r => !IsTest(r)).ToArray()), set.Take(rows.Where(IsTest).ToArray()));
    }
}
