using System.Collections.Immutable;
using Gyre.Models.Explanation;
using Gyre.Primitives;
using Gyre.Tabular;
using Gyre.Tabular.Expressions;
using Gyre.Training;

namespace Gyre.Models.Tests;

public sealed class ExplanationTests
{
    private static readonly TrainingContext Context = new(Threads: 2);

    [Theory]
    [InlineData(TaskKind.Regression)]
    [InlineData(TaskKind.Binary)]
    [InlineData(TaskKind.Multiclass)]
    public void Explain_AnyTrees_AddUpToWhatTheGraphPredicts(TaskKind task)
    {
        for (var seed = 0; seed < 5; seed++)
        {
            // With many categories, missing values of every type and texts that no training row had.
            var pipeline = TestModels.RandomTrees(task, 40, 5, seed);
            var rows = TestModels.Rows(300, seed + 7, unknown: true);
            var onnx = OnnxExporter.Export(pipeline, [], TestModels.Raw);
            var export = ExplanationExport.Create(pipeline, [], TestModels.Raw, onnx, rows, rows);
            using var explainer = ModelExplainer.FromBytes(export.Bytes.ToArray(), "test");
            using var scorer = ModelScorer.FromBytes(onnx);

            AssertAddsUp(explainer, scorer, rows);
            Assert.Equal(scorer.Inputs.Select(c => c.Name), explainer.Inputs.Select(c => c.Name));
            Assert.All(explainer.Columns, column => Assert.True(column.IsRaw));
        }
    }

    [Fact]
    public void Explain_RawColumns_SameAsTheTrainersOwnContributions()
    {
        var set = TestModels.TrainingSet(TaskKind.Binary);
        var pipeline = new BoostingTrainer(new BoostingOptions { Rounds = 30 }).Train(set, null, Context);
        var rows = TestModels.Rows(70, 5, unknown: true);
        using var explainer = Explainer(pipeline, [], rows, rows);

        var (ours, trained) = (explainer.Explain(rows, threads: 2), TreeShap.Explain(pipeline, rows));

        for (var row = 0; row < rows.RowCount; row++)
        {
            for (var f = 0; f < trained.Features.Length; f++)
            {
                var column = explainer.Columns.Select(c => c.Name).ToList().IndexOf(trained.Features[f]);
                Assert.Equal(trained.Of(row)[f], ours.Of(row)[column], 1e-12);
            }

            // One row alone is explained in another way; not a digit differs.
            var alone = explainer.Explain(rows.Take([row]));
            Assert.Equal(ours.Of(row).ToArray(), alone.Of(0).ToArray());
        }

        Assert.Equal("log-odds of target = true", explainer.Unit);
        Assert.Equal("logit", explainer.LinkName);
    }

    [Theory]
    [InlineData(TaskKind.Regression, "target")]
    [InlineData(TaskKind.Binary, "probability of target = true")]
    [InlineData(TaskKind.Multiclass, "probability of each target")]
    public void Explain_Forest_AddsUpToThePrediction(TaskKind task, string unit)
    {
        var pipeline = TrainerFactory.Create("random_forest",
                ImmutableDictionary<string, string>.Empty.Add("trees", "9").Add("max_depth", "7"), task)
            .Train(TestModels.TrainingSet(task), null, Context);
        var rows = TestModels.Rows(120, 5, unknown: true);
        var onnx = OnnxExporter.Export(pipeline, [], TestModels.Raw);
        using var explainer = Explainer(pipeline, [], rows, rows);
        using var scorer = ModelScorer.FromBytes(onnx);

        AssertAddsUp(explainer, scorer, rows);
        Assert.Equal(unit, explainer.Unit);
    }

    [Theory]
    [InlineData(TaskKind.Regression)]
    [InlineData(TaskKind.Binary)]
    [InlineData(TaskKind.Multiclass)]
    public void Explain_LinearModel_ColumnsAddWhatTheyDifferFromTheMean(TaskKind task)
    {
        var pipeline = TrainerFactory.Create("linear", ImmutableDictionary<string, string>.Empty, task)
            .Train(TestModels.TrainingSet(task), null, Context);
        var rows = TestModels.Rows(200, 5, unknown: true);
        var onnx = OnnxExporter.Export(pipeline, [], TestModels.Raw);
        using var explainer = Explainer(pipeline, [], rows, rows, "linear");
        using var scorer = ModelScorer.FromBytes(onnx);
        AssertAddsUp(explainer, scorer, rows);

        // Each column's contribution depends on it alone and is 0 on average: nothing else does both and adds up.
        var explained = explainer.Explain(rows);
        int[] others = [.. Enumerable.Range(0, rows.RowCount).Select(i => (i + 1) % rows.RowCount)];
        for (var c = 0; c < explainer.Columns.Length; c++)
        {
            var name = explainer.Columns[c].Name;
            var mixed = explainer.Explain(new Table(rows.Columns.Select(col => col.Name == name ? col : col.Take(others))));
            for (var k = 0; k < explained.Outputs; k++)
            {
                var sum = 0.0;
                for (var row = 0; row < rows.RowCount; row++)
                {
                    Assert.Equal(explained.Of(row, k)[c], mixed.Of(row, k)[c], 1e-9);
                    sum += explained.Of(row, k)[c];
                }

                Assert.Equal(0, sum / rows.RowCount, 1e-9);
            }
        }
    }

    [Fact]
    public void Explain_LinearModelOfText_TheTextIsOneColumn()
    {
        string[] texts = ["good and cheap", "bad", "very bad", "good", "cheap but bad", "so good", "", "unheard of"];
        var rows = new Table(
        [
            CategoricalColumn.FromValues("text", ColumnType.Text, Enumerable.Range(0, 80).Select(i => texts[i % 8])),
            new Column<double>("n", ColumnType.Numeric, [.. Enumerable.Range(0, 80).Select(i => (double)(i % 5))]),
        ]);
        var target = new Column<bool>("target", ColumnType.Boolean,
            [.. Enumerable.Range(0, 80).Select(i => texts[i % 8].Contains("good", StringComparison.Ordinal) ^ (i % 11 == 0))]);
        var set = Training.TrainingSet.Create(rows.With(target), "target", TaskKind.Binary, ["text", "n"], null);
        var pipeline = TrainerFactory.Create("linear", ImmutableDictionary<string, string>.Empty, TaskKind.Binary)
            .Train(set, null, Context);
        var onnx = OnnxExporter.Export(pipeline, [], rows.Schema);
        var export = ExplanationExport.Create(pipeline, [], rows.Schema, onnx, rows, rows);
        using var explainer = ModelExplainer.FromBytes(export.Bytes.ToArray(), "test");
        using var scorer = ModelScorer.FromBytes(onnx);

        AssertAddsUp(explainer, scorer, rows);
        Assert.Equal(["text", "n"], explainer.Columns.Select(c => c.Name));
        Assert.True(explainer.Explain(rows).Of(3)[0] > explainer.Explain(rows).Of(1)[0] + 1, "good is more than bad");
    }

    [Fact]
    public void Explain_DerivedColumns_BelongToTheirRawColumnOrAreNamed()
    {
        ImmutableArray<DerivedColumn> derived =
        [
            new DerivedColumn("hour", ColumnType.Integer, Call.Of("hour", new ColumnReference("when"))),
            new DerivedColumn("late", ColumnType.Boolean, Call.Of(">", new ColumnReference("hour"), new Literal(11L))),
            new DerivedColumn("both", ColumnType.Numeric, Call.Of("*", new ColumnReference("y"), new ColumnReference("whole"))),
        ];
        var raw = TestModels.Rows(500, seed: 2);
        var hours = ((Column<long>)raw["when"]).Values.ToArray()
            .Select(t => ((long)Math.Floor(t / 3.6e9) % 24 + 24) % 24).ToArray();
        var both = ((Column<double>)raw["y"]).Values.ToArray()
            .Zip(((Column<long>)raw["whole"]).Values.ToArray(), (y, whole) => y * whole).ToArray();
        var table = raw.With(
            new Column<long>("hour", ColumnType.Integer, hours),
            new Column<bool>("late", ColumnType.Boolean, [.. hours.Select(h => h > 11)]),
            new Column<double>("both", ColumnType.Numeric, both),
            new Column<double>("target", ColumnType.Numeric, [.. hours.Select((h, i) => h + both[i] + (h > 11 ? 9 : 0))]));
        var set = Training.TrainingSet.Create(table, "target", TaskKind.Regression, ["hour", "both", "late", "y"], null);
        var pipeline = new BoostingTrainer(new BoostingOptions { Rounds = 20 }).Train(set, null, Context);
        using var explainer = Explainer(pipeline, derived, table, raw);

        Assert.Equal(["when", "y", "both"], explainer.Columns.Select(c => c.Name));
        Assert.Equal(["whole", "y"], explainer.Columns[2].Sources.ToArray());
        var (ours, trained) = (explainer.Explain(raw), TreeShap.Explain(pipeline, table));
        for (var row = 0; row < raw.RowCount; row++)
        {
            var byFeature = trained.Features.Zip(trained.Of(row).ToArray()).ToDictionary(p => p.First, p => p.Second);
            Assert.Equal(byFeature["hour"] + byFeature["late"], ours.Of(row)[0], 1e-9);
            Assert.Equal(byFeature["y"], ours.Of(row)[1], 1e-9);
            Assert.Equal(byFeature["both"], ours.Of(row)[2], 1e-9);
        }
    }

    [Fact]
    public void Explain_TransformedAndCalibrated_ScoresBeforeCalibrationByTransform()
    {
        var set = TestModels.TrainingSet(TaskKind.Binary);
        var settings = new TransformSettings("shape", TransformKind.Pca, ["x", "whole"], 2);
        var trainer = TransformingTrainer.Wrap(new BoostingTrainer(new BoostingOptions { Rounds = 15 }), [settings]);
        var inner = trainer.Train(set, null, Context);
        var calibrated = new FittedPipeline(inner.Inputs, inner.Task, inner.Classes, inner.TargetName, inner.TargetType,
            NoPreprocessing.Instance, new CalibratedModel(inner, [new PlattCalibrator(0.6f, -0.8f)]));
        var rows = TestModels.Rows(90, 5, unknown: true);
        using var explainer = Explainer(calibrated, [], rows, rows);
        using var uncalibrated = ModelScorer.FromBytes(OnnxExporter.Export(inner, [], TestModels.Raw));

        AssertAddsUp(explainer, uncalibrated, rows);
        Assert.Equal(["whole", "x"], explainer.Columns.Single(c => c.Name == "shape").Sources.ToArray());
        Assert.Equal("log-odds of target = true, before calibration", explainer.Unit);
    }

    [Fact]
    public void Explain_MoreRowsThanAreHeldAtATime_SameContributions()
    {
        var pipeline = TestModels.RandomTrees(TaskKind.Multiclass, 12, 5, seed: 3);
        var rows = TestModels.Rows(103, 5, unknown: true);
        var onnx = OnnxExporter.Export(pipeline, [], TestModels.Raw);
        var bytes = ExplanationExport.Create(pipeline, [], TestModels.Raw, onnx, rows, rows).Bytes.ToArray();
        var content = ExplanationBytes.Read(bytes, "test");
        using var graph = GraphRows.Open(content.Graph, "test");
        using var explainer = ModelExplainer.FromBytes(bytes, "test");
        var inputs = explainer.Inputs.Select(c => new Scoring.InputColumn(c)).ToImmutableArray();
        Assert.NotNull(content.Trees);

        double[] Explain(int held) =>
            new TreeContributions(content, content.Trees, held).Explain(graph, inputs, rows, 2, CancellationToken.None);

        var whole = Explain(1 << 22);
        foreach (var held in new[] { 1, 32 * 10, 32 * 51 }) Assert.Equal(whole, Explain(held)); // 4 outputs × 8 features a row
    }

    [Fact]
    public void Create_SamePipeline_SameBytes()
    {
        byte[] Make()
        {
            var pipeline = new BoostingTrainer(new BoostingOptions { Rounds = 10 })
                .Train(TestModels.TrainingSet(TaskKind.Multiclass), null, Context);
            var rows = TestModels.Rows(20, 3);
            return ExplanationExport.Create(
                pipeline, [], TestModels.Raw, OnnxExporter.Export(pipeline, [], TestModels.Raw), rows, rows).Bytes.ToArray();
        }

        Assert.Equal(Make(), Make());
    }

    [Fact]
    public void Create_RowsThatDoNotBelongTogether_IsRefused()
    {
        // What a graph that derives another hour than training did would look like.
        var pipeline = new BoostingTrainer(new BoostingOptions { Rounds = 10 })
            .Train(TestModels.TrainingSet(TaskKind.Regression), null, Context);
        var onnx = OnnxExporter.Export(pipeline, [], TestModels.Raw);

        var error = Assert.Throws<GyreException>(() => ExplanationExport.Create(
            pipeline, [], TestModels.Raw, onnx, TestModels.Rows(50, 3), TestModels.Rows(50, 4)));

        Assert.Equal(ErrorCode.Refused, error.Code);
        Assert.Contains("The explanation differs from the trained model", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Create_ModelWithoutTrees_SaysWhyThereIsNone()
    {
        var pipeline = TrainerFactory.Create("naive_bayes", ImmutableDictionary<string, string>.Empty, TaskKind.Binary)
            .Train(TestModels.TrainingSet(TaskKind.Binary), null, Context);
        var rows = TestModels.Rows(5, 1);
        var export = ExplanationExport.Create(
            pipeline, [], TestModels.Raw, OnnxExporter.Export(pipeline, [], TestModels.Raw), rows, rows);
        Assert.Empty(export.Files);
        Assert.StartsWith("none: a ", export.Description, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_DamagedBytes_IsAnErrorAndNoCrash()
    {
        var pipeline = TestModels.RandomTrees(TaskKind.Multiclass, 6, 4, seed: 1);
        var rows = TestModels.Rows(5, 1);
        var bytes = ExplanationExport.Create(
            pipeline, [], TestModels.Raw, OnnxExporter.Export(pipeline, [], TestModels.Raw), rows, rows).Bytes.ToArray();
        var random = new Random(1);
        for (var trial = 0; trial < 3000; trial++)
        {
            var damaged = trial % 2 == 0 ? bytes[..random.Next(bytes.Length)] : (byte[])bytes.Clone();
            // Behind the graph, whose own reader is ONNX Runtime's.
            if (trial % 2 == 1) damaged[random.Next(bytes.Length - 2000, bytes.Length)] = (byte)random.Next(256);
            try
            {
                ExplanationBytes.Read(damaged, "test");
            }
            catch (GyreException error)
            {
                Assert.Equal(ErrorCode.InvalidInput, error.Code);
            }
        }
    }

    private static ModelExplainer Explainer(
        FittedPipeline pipeline, ImmutableArray<DerivedColumn> derived, Table features, Table rawRows,
        string method = "treeshap")
    {
        var onnx = OnnxExporter.Export(pipeline, derived, TestModels.Raw);
        var export = ExplanationExport.Create(pipeline, derived, TestModels.Raw, onnx, features, rawRows);
        Assert.Equal(method, export.Description);
        return ModelExplainer.FromBytes(export.Bytes.ToArray(), "test");
    }

    // Base value + Σ contributions, through the link, is the float32 that the served graph answers.
    private static void AssertAddsUp(ModelExplainer explainer, ModelScorer scorer, Table rows)
    {
        var explained = explainer.Explain(rows, threads: 2);
        var served = scorer.Score(rows).Predictions;
        for (var row = 0; row < rows.RowCount; row++)
        {
            var scores = Enumerable.Range(0, explained.Outputs).Select(k => explained.Score(row, k)).ToArray();
            double[] predicted = explainer.LinkName switch
            {
                "logit" => [1 / (1 + Math.Exp(-scores[0]))],
                "softmax" => [.. scores.Select(s => Math.Exp(s) / scores.Sum(Math.Exp))],
                _ => scores,
            };
            for (var k = 0; k < predicted.Length; k++)
            {
                // float32 has 24 bits: 1e-5 relative is parity's own tolerance.
                Assert.Equal(served.Values[(row * predicted.Length) + k], predicted[k], 1e-5 * Math.Max(1, Math.Abs(predicted[k])));
            }
        }
    }
}
