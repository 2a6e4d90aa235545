using System.Collections.Immutable;
using Gyre.Tabular;
using Gyre.Training;

namespace Gyre.Models.Tests;

public sealed class CalibrationExportTests
{
    private static readonly Calibrator Isotonic = new IsotonicCalibrator([0.05f, 0.2f, 0.21f, 0.7f], [0.01f, 0.3f, 0.5f, 0.9f]);

    [Theory]
    [InlineData("platt")]
    [InlineData("isotonic")]
    [InlineData("level")]
    public void Export_Binary_SameProbabilitiesAndLabelsAsTheTrainer(string kind)
    {
        Calibrator calibrator = kind switch
        {
            "platt" => new PlattCalibrator(0.6f, -0.8f),
            "level" => new IsotonicCalibrator([0.4f], [0.25f]),
            _ => Isotonic,
        };
        var (pipeline, rows) = Trained(TaskKind.Binary);
        Check(Wrap(pipeline, calibrator).WithThreshold(0.3), rows);
    }

    [Fact]
    public void Export_SeveralClasses_EachIsCalibratedAndTheySumToOne()
    {
        var (pipeline, rows) = Trained(TaskKind.Multiclass);
        Check(Wrap(pipeline, Isotonic, new PlattCalibrator(1.4f, 0.2f), Isotonic), rows);
    }

    [Fact]
    public void Export_Threshold_TheGraphsLabelsFollowIt()
    {
        var (pipeline, rows) = Trained(TaskKind.Binary);
        using var scorer = ModelScorer.FromBytes(OnnxExporter.Export(pipeline.WithThreshold(0.2), [], rows.Schema));
        Assert.Equal((float)0.2, scorer.Threshold);
        var scores = scorer.Score(rows);
        var called = Enumerable.Range(0, rows.RowCount).Count(i => scores.LabelAt(i) == pipeline.Classes[1]);
        Assert.Equal(scores.Predictions.Values.ToArray().Count(p => p >= (float)0.2), called);
        using var half = ModelScorer.FromBytes(OnnxExporter.Export(pipeline, [], rows.Schema));
        Assert.Equal(0.5, half.Threshold);
        Assert.True(called > Enumerable.Range(0, rows.RowCount).Count(i => half.Score(rows).LabelAt(i) == pipeline.Classes[1]));
    }

    private static FittedPipeline Wrap(FittedPipeline inner, params ImmutableArray<Calibrator> calibrators) => new(
        inner.Inputs, inner.Task, inner.Classes, inner.TargetName, inner.TargetType, NoPreprocessing.Instance,
        new CalibratedModel(inner, calibrators));

    private static void Check(FittedPipeline pipeline, Table rows)
    {
        using var scorer = ModelScorer.FromBytes(OnnxExporter.Export(pipeline, [], rows.Schema));
        var trained = pipeline.Predict(rows);
        ParityCheck.Compare(trained, scorer, rows).Require();
        var scores = scorer.Score(rows);
        for (var i = 0; i < rows.RowCount; i++)
        {
            // At the threshold itself the graph decides by the rounded probability.
            if (trained.Outputs == 1 && Math.Abs(trained.Values[i] - pipeline.Threshold) < 1e-6) continue;
            Assert.Equal(pipeline.Classes[trained.ClassAt(i)], scores.LabelAt(i));
        }
    }

    private static (FittedPipeline Pipeline, Table Rows) Trained(TaskKind task)
    {
        var random = new Random(3);
        var (x, color) = (new double[600], new string?[600]);
        var label = new string[600];
        for (var i = 0; i < x.Length; i++)
        {
            x[i] = random.Next(20) == 0 ? double.NaN : random.NextDouble();
            color[i] = random.Next(15) == 0 ? null : "rgb"[random.Next(3)].ToString();
            var value = (double.IsNaN(x[i]) ? 0.5 : x[i]) + (color[i] == "r" ? 0.4 : 0) + (0.5 * random.NextDouble());
            label[i] = value < 0.7 ? "low" : task == TaskKind.Binary || value < 1.1 ? "mid" : "top";
        }

        var table = new Table(
        [
            new Column<double>("x", ColumnType.Numeric, x),
            CategoricalColumn.FromValues("color", ColumnType.Categorical, color),
            CategoricalColumn.FromValues("y", ColumnType.Categorical, label),
        ]);
        var set = TrainingSet.Create(table, "y", task, ["x", "color"]);
        var pipeline = new BoostingTrainer(new BoostingOptions { Rounds = 12, EarlyStoppingRounds = 0 }).Train(set, null, new TrainingContext());
        return (pipeline, set.Features);
    }
}
