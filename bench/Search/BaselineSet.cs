using System.Collections.Immutable;
using System.Globalization;
using Gyre.Data;
using Gyre.Tabular;
using Gyre.Training;

namespace Gyre.Bench;

/// <summary>
/// A public data set under the protocol of the recorded baselines: rows in file order; "mod5" tests on every fifth row from
/// the first, "time80" on the last fifth.
/// </summary>
/// <param name="Name">Its name.</param>
/// <param name="File">The file beneath the data folder.</param>
/// <param name="Task">What is predicted.</param>
/// <param name="Target">The target column.</param>
/// <param name="Positive">The positive class of a binary task.</param>
/// <param name="ByTime">Whether the last fifth is tested on.</param>
/// <param name="Columns">The columns in SQL; null for all as they are.</param>
internal sealed record BaselineSet(
    string Name, string File, TaskKind Task, string Target, string? Positive, bool ByTime, string? Columns = null)
{
    public static readonly ImmutableArray<BaselineSet> All =
    [
        new("german_credit", "german_credit/german_credit.csv.gz", TaskKind.Binary, "class", "bad", false),
        new("telco_churn", "telco_churn/telco_churn.csv.gz", TaskKind.Binary, "churn", "Yes", false),
        new("bike_hourly", "bike_hourly/bike_hourly.csv.gz", TaskKind.Regression, "cnt", null, true,
            "* EXCLUDE (instant, timestamp, casual, registered)"),
        new("california_housing", "california_housing/california_housing.csv.gz", TaskKind.Regression,
            "median_house_value", null, false),
        new("letter_recognition", "letter_recognition/letter_recognition.csv.gz", TaskKind.Multiclass, "lettr", null, false),
        new("adult", "adult/adult.csv.gz", TaskKind.Binary, "income", ">50K", false),
        new("diamonds", "diamonds/diamonds.csv.gz", TaskKind.Regression, "price", null, false),
        new("taxi_fare", "taxi_fare/taxi_fare.csv.gz", TaskKind.Regression, "fare_amount", null, false),
        new("kddcup99", "kddcup99/kddcup99_10pct.csv.gz", TaskKind.Binary, "attack", "true", false,
            "* EXCLUDE (label), label <> 'normal' AS attack"),
        new("flights_2001", "flights_2001/flights_2001_jan_feb.csv.gz", TaskKind.Binary, "late", "true", true,
            "distance, origin, destination, month(departure) AS month, isodow(departure) - 1 AS dow, " +
            "hour(departure) * 60 + minute(departure) AS minute, delay > 15 AS late"),
    ];

    /// <summary>Training rows with their time where the protocol has one, and test rows.</summary>
    /// <param name="folder">The data folder.</param>
    public (TrainingSet Train, Column? Time, TrainingSet Test) Load(string folder)
    {
        using var engine = new SqlEngine();
        var where = Name == "flights_2001" ? " WHERE delay IS NOT NULL" : "";
        var path = Path.GetFullPath(Path.Combine(folder, File)).Replace("'", "''", StringComparison.Ordinal);
        var table = engine.Query($"SELECT {Columns ?? "*"} FROM read_csv('{path}', header = true, " +
            $"auto_type_candidates = ['BIGINT', 'DOUBLE', 'TIMESTAMP', 'VARCHAR']){where}");
        var features = table.Schema.Select(c => c.Name).Where(n => n != Target).ToArray();
        var set = TrainingSet.Create(table, Target, Task, features, Positive);
        var rows = Enumerable.Range(0, set.RowCount);
        bool IsTest(int row) => ByTime ? row >= (int)(set.RowCount * 0.8) : row % 5 == 0;
        var train = rows.Where(r => !IsTest(r)).ToArray();
        var time = ByTime ? new Column<long>("row", ColumnType.Integer, [.. train.Select(r => (long)r)]) : null;
        return (set.Take(train), time, set.Take([.. rows.Where(IsTest)]));
    }
}
