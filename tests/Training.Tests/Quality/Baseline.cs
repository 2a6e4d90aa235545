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

    public static readonly Baseline German =
        new("german_credit/german_credit.csv.gz", TaskKind.Binary, "class", "bad", false);

    public static readonly Baseline Diamonds =
        new("diamonds/diamonds.csv.gz", TaskKind.Regression, "price", null, false);

    public static readonly Baseline Taxi =
        new("taxi_fare/taxi_fare.csv.gz", TaskKind.Regression, "fare_amount", null, false);

    public static readonly Baseline Intrusions =
        new("kddcup99/kddcup99_10pct.csv.gz", TaskKind.Binary, "attack", "true", false, "label")
        {
            Derive = table => table.With(Flag("attack", table["label"], label => label != "normal")),
        };

    public static readonly Baseline Flights =
        new("flights_2001/flights_2001_jan_feb.csv.gz", TaskKind.Binary, "late", "true", true, "delay", "departure")
        {
            Derive = DeriveFlights,
        };

    /// <summary>What the protocol computes before rows are parted; null for nothing.</summary>
    public Func<Table, Table>? Derive { get; init; }

    public (TrainingSet Train, TrainingSet Test) Load()
    {
        var table = CsvTable.Read(TestData.Shared(Path) ?? Path);
        table = Derive?.Invoke(table) ?? table;
        var features = table.Schema.Select(c => c.Name).Where(n => n != Target && !Dropped.Contains(n)).ToArray();
        var set = TrainingSet.Create(table, Target, Task, features, Positive);
        var rows = Enumerable.Range(0, set.RowCount).ToArray();
        bool IsTest(int row) => ByTime ? row >= (int)(set.RowCount * 0.8) : row % 5 == 0;
        return (set.Take(rows.Where(r => !IsTest(r)).ToArray()), set.Take(rows.Where(IsTest).ToArray()));
    }

    private static Column<bool> Flag(string name, Column texts, Func<string?, bool> rule)
    {
        var text = (CategoricalColumn)texts;
        return new Column<bool>(
            name, ColumnType.Boolean, [.. Enumerable.Range(0, text.Length).Select(row => rule(text.StringAt(row)))]);
    }

    // Flights with a known delay; late by more than a quarter of an hour; the time of departure as numbers.
    private static Table DeriveFlights(Table table)
    {
        var all = ((Column<double>)table["delay"]).Values.ToArray();
        table = table.Take([.. Enumerable.Range(0, all.Length).Where(row => !double.IsNaN(all[row]))]);
        var delay = ((Column<double>)table["delay"]).Values.ToArray();
        var departure = (CategoricalColumn)table["departure"];
        var times = Enumerable.Range(0, delay.Length).Select(row => DateTime.Parse(
            departure.StringAt(row) ?? "", System.Globalization.CultureInfo.InvariantCulture)).ToArray();
        Column<double> Number(string name, Func<DateTime, double> part) =>
            new(name, ColumnType.Numeric, Array.ConvertAll(times, t => part(t)));
        return table.With(
            new Column<bool>("late", ColumnType.Boolean, Array.ConvertAll(delay, d => d > 15)),
            Number("month", t => t.Month),
            Number("weekday", t => ((int)t.DayOfWeek + 6) % 7),
            Number("minute", t => (t.Hour * 60) + t.Minute));
    }
}
