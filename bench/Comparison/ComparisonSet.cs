using Gyre.Data;
using Gyre.Tabular;
using Gyre.Training;

namespace Gyre.Bench.Comparison;

/// <summary>
/// A data set under the protocol of the recorded baselines: rows in file order; "mod5" tests on every fifth row from the
/// first, "time80" on the last fifth.
/// </summary>
internal sealed record ComparisonSet(
    string Name, string File, TaskKind Task, string Target, string? Positive, bool ByTime, string Select = "*")
{
    public static readonly ComparisonSet[] All =
    [
        new("adult", "adult/adult.csv.gz", TaskKind.Binary, "income", ">50K", false),
        new("german_credit", "german_credit/german_credit.csv.gz", TaskKind.Binary, "class", "bad", false),
        new("telco_churn", "telco_churn/telco_churn.csv.gz", TaskKind.Binary, "churn", "true", false),
        new("letter_recognition", "letter_recognition/letter_recognition.csv.gz", TaskKind.Multiclass, "lettr", null, false),
        new("kddcup99", "kddcup99/kddcup99_10pct.csv.gz", TaskKind.Binary, "attack", "true", false,
            "* EXCLUDE (label), label <> 'normal' AS attack"),
        new("flights_2001", "flights_2001/flights_2001_jan_feb.csv.gz", TaskKind.Binary, "late", "true", true,
            "distance, origin, destination, month(departure) AS month, (dayofweek(departure) + 6) % 7 AS dow, "
            + "hour(departure) * 60 + minute(departure) AS minute, delay > 15 AS late"),
        new("california_housing", "california_housing/california_housing.csv.gz", TaskKind.Regression,
            "median_house_value", null, false),
        new("bike_hourly", "bike_hourly/bike_hourly.csv.gz", TaskKind.Regression, "cnt", null, true,
            "* EXCLUDE (instant, timestamp, casual, registered)"),
        new("diamonds", "diamonds/diamonds.csv.gz", TaskKind.Regression, "price", null, false),
        new("taxi_fare", "taxi_fare/taxi_fare.csv.gz", TaskKind.Regression, "fare_amount", null, false),
    ];

    /// <summary>The sets of the bar for training time and memory.</summary>
    public static readonly string[] ForSpeed = ["flights_2001", "kddcup99", "letter_recognition", "adult"];

    public static ComparisonSet Named(string name) => All.First(set => set.Name == name);

    /// <summary>The training and test rows.</summary>
    public (TrainingSet Train, TrainingSet Test) Load(string folder)
    {
        var set = Read(Path.Combine(folder, File));
        var cut = (int)(set.RowCount * 0.8);
        int[] Rows(bool test) =>
            [.. Enumerable.Range(0, set.RowCount).Where(row => (ByTime ? row >= cut : row % 5 == 0) == test)];
        return (set.Take(Rows(test: false)), set.Take(Rows(test: true)));
    }

    // The engine lives only while the file is read: its memory is given back before anything is measured.
    private TrainingSet Read(string path)
    {
        using var engine = new SqlEngine();
        var known = Name == "flights_2001" ? " WHERE delay IS NOT NULL" : "";
        var table = engine.Query(
            $"SELECT {Select} FROM read_csv('{path.Replace("'", "''", StringComparison.Ordinal)}', sample_size = -1){known}");
        string[] features = [.. table.Schema.Select(c => c.Name).Where(name => name != Target)];
        return TrainingSet.Create(table, Target, Task, features, Positive);
    }
}
