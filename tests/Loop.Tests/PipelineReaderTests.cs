using Gyre.Data;
using Gyre.Features;
using Gyre.Loop.Pipeline;
using Gyre.Primitives;
using Gyre.Serving;
using Gyre.Tabular;
using Gyre.Training;

namespace Gyre.Loop.Tests;

public class PipelineReaderTests
{
    private const string Minimal =
        """
        model: bike
        source:
          path: bike.csv
        target: cnt
        time: at
        columns:
          trips: numeric
          at: timestamp
          temp: numeric
          kind: categorical
          cnt: integer
        features:
          use: [temp, kind]
          derive:
            hour_of_day: hour(at)
            before: { sql: lag(cnt) OVER (ORDER BY at), serve: request }
        contract:
          columns:
            temp: { nullability: fail, range: { min: -1, max: 2, action: quarantine } }
            kind: { allowed: { values: [a, b], action: warn } }
        """;

    private static PipelineDefinition Parse(string text) => PipelineReader.Parse(text, "/workspace");

    [Fact]
    public void Parse_Minimal_FillsInDefaults()
    {
        var definition = Parse(Minimal);
        Assert.Equal("bike", definition.Model);
        Assert.Equal([Path.GetFullPath("/workspace/bike.csv")], definition.Source.Paths.ToArray());
        Assert.True(definition.Source.Feedback);
        Assert.Equal(["temp", "kind", "hour_of_day", "before"], definition.Features.ToArray());
        Assert.Equal(ServeMode.Request, definition.Derived[1].Serve);
        Assert.Equal(["linear", "boosting"], definition.Training.Trainers.Select(t => t.Name));
        Assert.Equal(new RangeRule(-1, 2, RuleAction.Quarantine), definition.Contract.Find("temp")!.Range);
        Assert.Equal(new NotNullRule(RuleAction.Fail), definition.Contract.Find("temp")!.Nullability);
        Assert.False(definition.Columns["temp"].Nullable);
        Assert.True(definition.Columns["kind"].Nullable);
    }

    [Fact]
    public void Parse_AllSettings_AreRead()
    {
        var definition = Parse(Minimal +
            """

            training:
              trainers:
                - linear
                - boosting: { rounds: 30, learning_rate: 0.2 }
              metric: mae
              test: 0.25
              folds: 4
              seed: 7
              refit: false
            gates: { margin: 0.01, latency: 2ms, size_mb: 5, contract: replace }
            monitoring: { every: 10m, window: 2d, minimum_rows: 50, metric: mae, margin: 0.2, drift: { psi: 0.3, share: 0.4, columns: [temp] } }
            retraining: { enabled: false, schedule: "0 0 3 * * ?", cooldown: 12h, holdout: 3d }
            serving: { urls: "http://127.0.0.1:8080", predictionLog: strict, durability: device, metricNames: triton }
            """);
        Assert.Equal("30", definition.Training.Trainers[1].Parameters["rounds"]);
        Assert.Equal(4, definition.Training.Folds);
        Assert.False(definition.Training.Refit);
        Assert.Equal(TimeSpan.FromMilliseconds(2), definition.Gates.Latency);
        Assert.Equal(ContractGate.Replace, definition.Gates.Contract);
        Assert.Equal(["temp"], definition.Monitoring.DriftColumns.ToArray());
        Assert.Equal(TimeSpan.FromMinutes(10), definition.Monitoring.Every);
        Assert.Equal(TimeSpan.FromHours(12), definition.Retraining.Cooldown);
        Assert.True(definition.Serving is { StrictLog: true, DurableDevice: true, MetricNames: "triton" });
    }

    [Fact]
    public void Parse_PredictionLog_IsRead()
    {
        var log = Parse(Minimal + "\nserving: { log: { sample: 0.1, redact: { temp: mask }, keep: 90d } }").Serving.Log;
        Assert.Equal((0.1, TimeSpan.FromDays(90)), (log.Sample, log.Keep));
        Assert.Equal([new("temp", Redaction.Mask)], log.Redact);
    }

    [Theory]
    [InlineData("sample: 1.5", "serving.log.sample: '1.5' is not a number within 0..1")]
    [InlineData("redact: { nothing: drop }", "serving.log.redact.nothing: is no column")]
    [InlineData("redact: { temp: hide }", "serving.log.redact.temp: 'hide' is not one of drop, hash, mask")]
    [InlineData("redact: { temp: }", "serving.log.redact.temp: needs one of drop, hash, mask")]
    [InlineData("keep: 0d", "serving.log.keep: must be longer than 0")]
    [InlineData("keep: forever", "serving.log.keep: 'forever' is not a length of time")]
    [InlineData("keeps: 1d", "serving.log.keeps: is not a setting here")]
    public void Parse_PredictionLogThatIsWrong_NamesLineAndCause(string setting, string cause)
    {
        var error = Assert.Throws<GyreException>(() => Parse(Minimal + "\nserving:\n  log: { " + setting + " }"));
        Assert.Matches("^gyre.yaml:[0-9]+: ", error.Message);
        Assert.Contains(cause, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_Weights_AreRead()
    {
        Assert.Equal("trips", Parse(Minimal + "\nweight: trips").Weight);
        var classes = Minimal + "\ntask: binary\ntraining: { class_weights: ";
        Assert.Same(ClassWeights.Balanced, Parse(classes + "balanced }").Training.ClassWeights);
        Assert.NotNull(Parse(classes + "{ a: 2.5, b: 1 } }").Training.ClassWeights);
    }

    [Fact]
    public void Apply_WeightColumnTimesClassWeights_MissingCountsAsOne()
    {
        var table = new Table(
        [
            new Column<double>("temp", ColumnType.Numeric, [1, 2, 3]),
            new Column<double>("trips", ColumnType.Numeric, [4, double.NaN, 0]),
            CategoricalColumn.FromValues("cnt", ColumnType.Categorical, ["a", "b", "b"]),
        ]);
        var definition = Parse(Minimal + "\nweight: trips\ntask: binary\ntraining: { class_weights: { a: 0.5 } }");
        var set = TrainingSet.Create(table, "cnt", TaskKind.Binary, ["temp"]);

        Assert.Equal([2, 1, 0], Runs.RowWeights.Apply(set, table, definition).Weights.ToArray());
    }

    [Fact]
    public void Parse_TextFeatureAndSplitByColumn_AreRead()
    {
        var definition = Parse(Minimal.Replace("temp: numeric", "temp: text", StringComparison.Ordinal)
            .Replace("use: [temp, kind]", "use: [temp]", StringComparison.Ordinal)
            .Replace("nullability: fail, range: { min: -1, max: 2, action: quarantine }", "nullability: fail", StringComparison.Ordinal)
            + "\ntraining: { split: { column: kind, test: b } }");
        Assert.Equal(ColumnType.Text, definition.Columns["temp"].Type);
        Assert.Equal("temp", definition.Features[0]);
        Assert.Equal(SplitMethod.Column, definition.Training.Split);
        Assert.Equal(("kind", "b"), definition.Training.SplitColumn);
    }

    [Theory]
    [InlineData("split: column", "training.split: expected `{ column: NAME, test: VALUE }`")]
    [InlineData("split: { column: nothing, test: b }", "split: there is no column 'nothing'")]
    [InlineData("split: { column: trips, test: b }", "split: 'trips' is numeric; a categorical column can say")]
    [InlineData("split: { column: kind, test: b }", "split: 'kind' is a feature or the target")]
    [InlineData("split: { column: kind }", "test: is missing")]
    public void Parse_WrongSplitColumn_SaysWhy(string setting, string message)
    {
        var error = Assert.Throws<GyreException>(() => Parse(Minimal + $"\ntraining: {{ {setting} }}"));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("target: cnt", "target: count", ":4: target: there is no column 'count'")]
    [InlineData("temp: numeric", "temp: float", ":9: columns.temp: 'float' is not one of")]
    [InlineData("model: bike", "model: a/b", "'a/b' is not a name")]
    [InlineData("use: [temp, kind]", "use: [temp, at]", "'at' is a column of type timestamp")]
    [InlineData("use: [temp, kind]", "transform: { p: { pca: [kind2] } }\n  use: [temp, kind]", "there is no feature 'kind2'")]
    [InlineData("use: [temp, kind]", "transform: { p: { tsne: [temp] } }\n  use: [temp, kind]", "expected `pca: [columns]`")]
    [InlineData("use: [temp, kind]", "transform: { p: { kmeans: temp, clusters: 1 } }\n  use: [temp, kind]", "'1' is not a whole number within 2..1000")]
    [InlineData("use: [temp, kind]", "use: [temp, cnt]", "'cnt' is the target")]
    [InlineData("time: at", "time: temp", "'temp' is not a timestamp")]
    [InlineData("min: -1, max: 2", "min: 3, max: 2", "3 is above max 2")]
    [InlineData("nullability: fail", "nullability: maybe", "'maybe' is not one of fail, quarantine, warn")]
    [InlineData("serve: request", "serve: later", "'later' is not one of compute, request")]
    [InlineData("model: bike", "model: bike\ncolour: red", ":2: colour: is not a setting here")]
    [InlineData("  path: bike.csv", "  pth: bike.csv", "source.path: is missing")]
    [InlineData("model: bike", "model: [bike", "gyre.yaml:")]
    [InlineData("contract:", "contract:\n  freshness: { column: temp }", "freshness: 'temp' is not a timestamp column")]
    public void Parse_Wrong_NamesLineAndSetting(string right, string wrong, string message)
    {
        var error = Assert.Throws<GyreException>(() => Parse(Minimal.Replace(right, wrong, StringComparison.Ordinal)));
        Assert.Equal(ErrorCode.InvalidInput, error.Code);
        Assert.StartsWith("gyre.yaml:", error.Message, StringComparison.Ordinal);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Theory]
    [InlineData("training: { trainers: [] }", "training.trainers: is empty")]
    [InlineData("task: binary\ntraining: { search: { trials: 5 }, calibration: platt }", "training.search: goes without `calibration`")]
    [InlineData("training: { test: 2 }", "training.test: '2' is not a number within 0.01..0.9")]
    [InlineData("training: { class_weights: even }", "training.class_weights: expected `balanced`")]
    [InlineData("training: { class_weights: balanced }", "class_weights: a regression has no classes")]
    [InlineData("task: binary\ntraining: { class_weights: { a: -1 } }", "class_weights.a: '-1' is not a number within 0")]
    [InlineData("weight: temp", "weight: 'temp' is a feature too")]
    [InlineData("weight: cnt", "weight: 'cnt' is the target")]
    [InlineData("weight: at", "weight: 'at' holds no numbers")]
    [InlineData("monitoring: { every: soon }", "monitoring.every: 'soon' is not a length of time")]
    [InlineData("monitoring: { every: 0s }", "monitoring.every: 0d is not within 1s..45d")]
    [InlineData("monitoring: { every: 60d }", "monitoring.every: 60d is not within 1s..45d")]
    [InlineData("monitoring: { metric: roc_auc }", "metric: 'roc_auc' is not one of")]
    [InlineData("retraining: { schedule: daily }", "'daily' is not a cron expression")]
    [InlineData("training: { split: time, folds: x }", "training.folds: 'x' is not a whole number")]
    public void Parse_WrongSetting_NamesItsLimits(string setting, string message)
    {
        var error = Assert.Throws<GyreException>(() => Parse(Minimal + "\n" + setting));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_Search_IsRead()
    {
        var training = Parse(Minimal +
            """

            training:
              search:
                budget: 90s
                trials: 40
                metric: mae
                memory: 1.5gb
                ensemble: 5
                folds: 4
                trainers: [boosting, linear]
                space:
                  boosting:
                    learning_rate: { from: 0.01, to: 0.3, log: true }
                    max_leaves: { from: 4, to: 64, whole: true }
                    row_share: [0.5, 1]
                    rounds: 200
            """).Training;

        var search = training.Search!;
        Assert.Equal((TimeSpan.FromSeconds(90), 40, "mae"), (search.Budget, search.Trials, search.Metric));
        Assert.Equal((1_500_000_000, 5, 4), (search.MemoryLimit, search.MaxMembers, search.Folds));
        Assert.Equal(["boosting", "linear"], search.Trainers.ToArray());
        Assert.Equal(
            [
                new NumberRange("learning_rate", 0.01, 0.3, Logarithmic: true), new NumberRange("max_leaves", 4, 64, Whole: true),
            ],
            search.Spaces["boosting"].Parameters.OfType<NumberRange>());
        Assert.Equal(
            [("row_share", "0.5 1"), ("rounds", "200")],
            search.Spaces["boosting"].Parameters.OfType<Choices>().Select(c => (c.Name, string.Join(' ', c.Values))));
        Assert.Empty(training.Trainers);
        Assert.Null(Parse(Minimal).Training.Search);
    }

    [Theory]
    [InlineData("{}", 300, null, 8)]
    [InlineData("{ trials: 7, ensemble: false }", null, 7, 1)]
    [InlineData("{ budget: 2m, ensemble: true }", 120, null, 8)]
    public void Parse_SearchWithLittle_FillsInDefaults(string text, int? seconds, int? trials, int members)
    {
        var search = Parse(Minimal + $"\ntraining: {{ search: {text} }}").Training.Search!;

        Assert.Equal((seconds, trials, members), ((int?)search.Budget?.TotalSeconds, search.Trials, search.MaxMembers));
        Assert.Null(search.Metric);
    }

    [Theory]
    [InlineData("budget: 0s", ":23: training.search.budget: 0d is not within 1s..7d")]
    [InlineData("budget: five", "training.search.budget: 'five' is not a length of time")]
    [InlineData("trials: 0", "training.search.trials: '0' is not a whole number within 1..")]
    [InlineData("metric: roc_auc", "training.search.metric: 'roc_auc' is not one of rmse")]
    [InlineData("memory: 2", "training.search.memory: '2' is not a size")]
    [InlineData("ensemble: many", "training.search.ensemble: 'many' is neither")]
    [InlineData("trainers: [alchemy]", "training.search.trainers: there is no trainer 'alchemy'")]
    [InlineData("space: { alchemy: { gold: 1 } }", "training.search.space.alchemy: there is no trainer 'alchemy'")]
    [InlineData("space: { boosting: { gold: 1 } }", "training.search.space.boosting.gold: Trainer 'boosting' has no option 'gold'")]
    [InlineData("space: { boosting: { l2: { from: 2, to: 1 } } }", "space.boosting.l2: needs `from` and a greater `to`")]
    [InlineData("space: { boosting: { l2: { from: 0, to: 1, log: true } } }", "l2.from: must be above 0")]
    [InlineData("space: { boosting: { max_leaves: { from: 4, to: 60 } } }", "max_leaves: Trainer 'boosting', option 'max_leaves'")]
    [InlineData("budgett: 5m", "training.search.budgett: is not a setting here")]
    public void Parse_WrongSearch_NamesLineAndSetting(string setting, string message)
    {
        var error = Assert.Throws<GyreException>(() => Parse(Minimal + $"\ntraining:\n  search:\n    {setting}"));
        Assert.Equal(ErrorCode.InvalidInput, error.Code);
        Assert.StartsWith("gyre.yaml:", error.Message, StringComparison.Ordinal);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("7d", 7 * 24 * 3600)]
    [InlineData("1.5h", 5400)]
    [InlineData("50ms", 0.05)]
    public void Durations_RoundTrip(string text, double seconds)
    {
        Assert.True(Durations.TryParse(text, out var duration));
        Assert.Equal(seconds, duration.TotalSeconds, 9);
        Assert.True(Durations.TryParse(Durations.Format(duration), out var again));
        Assert.Equal(duration, again);
    }
}
