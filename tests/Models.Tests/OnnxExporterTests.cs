using System.Collections.Immutable;
using Gyre.OnnxRuntime;
using Gyre.Primitives;
using Gyre.Tabular;
using Gyre.Tabular.Expressions;
using Gyre.Training;

namespace Gyre.Models.Tests;

public sealed class OnnxExporterTests
{
    private static readonly TrainingContext Context = new(7, 1, null, CancellationToken.None);

    [Theory]
    [InlineData(TaskKind.Regression, 40, 6)]
    [InlineData(TaskKind.Binary, 40, 6)]
    [InlineData(TaskKind.Multiclass, 40, 5)]
    [InlineData(TaskKind.Regression, 1, 0)]
    [InlineData(TaskKind.Regression, 3, 12)]
    public void Export_RandomTrees_PredictsAsTheTreesDo(TaskKind task, int trees, int depth)
    {
        var pipeline = TestModels.RandomTrees(task, trees, depth, seed: 11);
        var rows = TestModels.Rows(700, seed: 5, unknown: true);
        using var scorer = ModelScorer.FromBytes(OnnxExporter.Export(pipeline, [], TestModels.Raw));

        var report = ParityCheck.Compare(pipeline.Predict(rows), scorer, rows, 2e-7);

        Assert.True(report.Passed, report.ToString());
    }

    [Theory]
    [InlineData(TaskKind.Regression, 300, 6)]
    [InlineData(TaskKind.Binary, 300, 6)]
    [InlineData(TaskKind.Multiclass, 300, 5)]
    [InlineData(TaskKind.Binary, 100, 9)]
    [InlineData(TaskKind.Multiclass, 100, 9)]
    [InlineData(TaskKind.Multiclass, 2, 3)]
    public void Export_RandomTreesOfNumbers_PredictsAsTheTreesDo(TaskKind task, int trees, int depth)
    {
        var pipeline = TestModels.RandomTrees(task, trees, depth, seed: 12, categories: false);
        var rows = TestModels.Rows(700, seed: 6);
        using var scorer = ModelScorer.FromBytes(OnnxExporter.Export(pipeline, [], TestModels.Raw));

        var report = ParityCheck.Compare(pipeline.Predict(rows), scorer, rows, 1e-6);

        Assert.True(report.Passed, report.ToString());
    }

    [Theory]
    [InlineData(TaskKind.Regression)]
    [InlineData(TaskKind.Binary)]
    [InlineData(TaskKind.Multiclass)]
    public void Export_EnsembleOfEnsembles_PredictsAsItsMembersDo(TaskKind task)
    {
        FittedPipeline Of(params (FittedPipeline Pipeline, float Weight)[] parts)
        {
            var first = parts[0].Pipeline;
            return new FittedPipeline(first.Inputs, first.Task, first.Classes, first.TargetName, first.TargetType,
                NoPreprocessing.Instance, new EnsembleModel(
                    [.. parts.Select(p => new EnsembleMember(p.Pipeline, p.Weight))],
                    task == TaskKind.Regression ? (-0.5, 1.5) : null));
        }

        var inner = Of((Train("boosting", task), 0.5f), (Train("dummy", task), 0.5f));
        var pipeline = Of((inner, 0.3f), (Train("linear", task), 0.6f), (Train("boosting", task), 0.1f));
        var rows = TestModels.Rows(400, seed: 9, unknown: true);
        using var scorer = ModelScorer.FromBytes(OnnxExporter.Export(pipeline, [], TestModels.Raw));

        var report = ParityCheck.Compare(pipeline.Predict(rows), scorer, rows, 1e-6);

        Assert.True(report.Passed, report.ToString());
        Assert.Equal(8, scorer.Inputs.Count);
    }

    [Fact]
    public void Export_ValuesBetweenFloat32AndFloat64_AreRoundedBeforeTheyAreCompared()
    {
        var pipeline = TestModels.RandomTrees(TaskKind.Regression, 60, 6, seed: 12);
        var thresholds = ((BoostedTreesModel)pipeline.Model).Trees
            .SelectMany(
                t => Enumerable.Range(0, t.NodeCount).Where(n => t.Feature[n] == 1).Select(n => (double)t.Threshold[n]))
            .SelectMany(t => new[] { t, t * (1 + 1e-9), t * (1 - 1e-9), MathF.BitIncrement((float)t) }).ToArray();
        var rows = TestModels.Rows(thresholds.Length, seed: 5).Without("x").With(
            new Column<double>("x", ColumnType.Numeric, thresholds));
        using var scorer = ModelScorer.FromBytes(OnnxExporter.Export(pipeline, [], TestModels.Raw));

        var report = ParityCheck.Compare(pipeline.Predict(rows), scorer, rows, 2e-7);

        Assert.True(report.Passed && report.Rows > 500, report.ToString());
    }

    [Theory]
    [InlineData("dummy", TaskKind.Regression)]
    [InlineData("dummy", TaskKind.Binary)]
    [InlineData("dummy", TaskKind.Multiclass)]
    [InlineData("linear", TaskKind.Regression)]
    [InlineData("linear", TaskKind.Binary)]
    [InlineData("linear", TaskKind.Multiclass)]
    [InlineData("naive_bayes", TaskKind.Binary)]
    [InlineData("naive_bayes", TaskKind.Multiclass)]
    [InlineData("boosting", TaskKind.Regression)]
    [InlineData("boosting", TaskKind.Binary)]
    [InlineData("boosting", TaskKind.Multiclass)]
    [InlineData("mlp", TaskKind.Regression)]
    [InlineData("mlp", TaskKind.Binary)]
    [InlineData("mlp", TaskKind.Multiclass)]
    [InlineData("poisson", TaskKind.Regression)]
    [InlineData("random_forest", TaskKind.Regression)]
    [InlineData("random_forest", TaskKind.Binary)]
    [InlineData("random_forest", TaskKind.Multiclass)]
    [InlineData("extra_trees", TaskKind.Regression)]
    [InlineData("extra_trees", TaskKind.Binary)]
    [InlineData("extra_trees", TaskKind.Multiclass)]
    public void Export_TrainedModel_PassesParityOnUnseenRows(string trainer, TaskKind task)
    {
        var pipeline = Train(trainer, task);
        var rows = TestModels.Rows(400, seed: 9, unknown: true);
        using var scorer = ModelScorer.FromBytes(OnnxExporter.Export(pipeline, [], TestModels.Raw));

        var report = ParityCheck.Compare(pipeline.Predict(rows), scorer, rows, 1e-6);

        Assert.True(report.Passed, report.ToString());
        Assert.Equal(task, scorer.Task);
        Assert.Equal(pipeline.Classes.ToArray(), scorer.Classes.ToArray());
        Assert.Equal("target", scorer.TargetName);
    }

    [Theory]
    [InlineData("linear", TransformKind.Pca, false)]
    [InlineData("boosting", TransformKind.Pca, false)]
    [InlineData("linear", TransformKind.KMeans, true)]
    [InlineData("boosting", TransformKind.KMeans, false)]
    [InlineData("boosting", TransformKind.KMeans, true)]
    public void Export_WithTransforms_PassesParityOnUnseenRows(string trainer, TransformKind kind, bool distances)
    {
        var transform = new TransformSettings("t", kind, ["x", "whole", "gaps", "maybe"], 3) { Distances = distances };
        var learner = TrainerFactory.Create(trainer, ImmutableDictionary<string, string>.Empty, TaskKind.Multiclass);
        var pipeline = TransformingTrainer.Wrap(learner, [transform])
            .Train(TestModels.TrainingSet(TaskKind.Multiclass), null, new TrainingContext());
        var rows = TestModels.Rows(400, seed: 9, unknown: true);
        using var scorer = ModelScorer.FromBytes(OnnxExporter.Export(pipeline, [], TestModels.Raw));

        var report = ParityCheck.Compare(pipeline.Predict(rows), scorer, rows, 1e-6);

        Assert.True(report.Passed, report.ToString());
    }

    [Theory]
    [InlineData("linear")]
    [InlineData("boosting")]
    public void Export_Twice_GivesTheSameBytes(string trainer)
    {
        var first = OnnxExporter.Export(Train(trainer, TaskKind.Binary), Calendar(), TestModels.Raw);
        var second = OnnxExporter.Export(Train(trainer, TaskKind.Binary), Calendar(), TestModels.Raw);

        Assert.Equal(first, second);
    }

    [Fact]
    public void Export_DerivedColumns_AreComputedFromRawOnes()
    {
        var raw = TestModels.Rows(500, seed: 2);
        var hours = ((Column<long>)raw["when"]).Values.ToArray().Select(t => Math.DivRem(t, 3_600_000_000L) switch
        {
            (var h, < 0) => ((h - 1) % 24 + 24) % 24,
            var (h, _) => (h % 24 + 24) % 24,
        }).ToArray();
        var twice = ((Column<double>)raw["x"]).Values.ToArray().Select(v => v * 2).ToArray();
        var big = hours.Select(h => h > 11 ? "late" : "early");
        var table = raw.With(
            new Column<long>("hour", ColumnType.Integer, hours), new Column<double>("twice", ColumnType.Numeric, twice),
            CategoricalColumn.FromValues("half", ColumnType.Categorical, big),
            new Column<double>("target", ColumnType.Numeric,
                [.. hours.Select((h, i) => h + (double.IsNaN(twice[i]) ? 0 : twice[i]))]));
        string[] features = ["hour", "twice", "half", "y"];
        var set = Training.TrainingSet.Create(table, "target", TaskKind.Regression, features, null);
        var pipeline = new BoostingTrainer().Train(set, null, Context);

        using var scorer = ModelScorer.FromBytes(OnnxExporter.Export(pipeline, Calendar(), TestModels.Raw));

        Assert.Equal(["when", "x", "y"], scorer.Inputs.Select(c => c.Name));
        ParityCheck.Compare(pipeline.Predict(table), scorer, raw, 1e-6).Require();
    }

    [Fact]
    public void Export_DerivedColumnThatCannotBeComputed_NamesColumnAndFunction()
    {
        var pipeline = Pipeline([new ColumnDefinition("d", ColumnType.Numeric)]);
        var derived = new DerivedColumn("d", ColumnType.Numeric, Call.Of("soundex", new ColumnReference("color")));

        var error = Assert.Throws<GyreException>(() => OnnxExporter.Export(pipeline, [derived], TestModels.Raw));

        Assert.Contains("'d'", error.Message, StringComparison.Ordinal);
        Assert.Contains("'soundex'", error.Message, StringComparison.Ordinal);
        Assert.Equal(ErrorCode.InvalidInput, error.Code);
    }

    [Fact]
    public void Export_FeatureThatNoRequestHas_NamesIt()
    {
        var pipeline = Pipeline([new ColumnDefinition("absent", ColumnType.Numeric)]);

        var error = Assert.Throws<GyreException>(() => OnnxExporter.Export(pipeline, [], TestModels.Raw));

        Assert.Contains("'absent'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Export_ColumnNamedAsAnOutput_IsRefused()
    {
        var pipeline = Pipeline([new ColumnDefinition("prediction", ColumnType.Numeric)]);

        var error = Assert.Throws<GyreException>(() => OnnxExporter.Export(pipeline, [], pipeline.Inputs));

        Assert.Contains("'prediction'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Export_Graph_HasTheContractsInputsAndOutputs()
    {
        var pipeline = TestModels.RandomTrees(TaskKind.Multiclass, 8, 3, seed: 1);
        using var session = InferenceSession.FromBytes(OnnxExporter.Export(pipeline, [], TestModels.Raw));

        var types = session.Inputs.ToDictionary(i => i.Name, i => i.ElementType);
        Assert.Equal(TensorElementType.Double, types["x"]);
        Assert.Equal(TensorElementType.Int64, types["whole"]);
        Assert.Equal(TensorElementType.Double, types["gaps"]);
        Assert.Equal(TensorElementType.Bool, types["flag"]);
        Assert.Equal(TensorElementType.Double, types["maybe"]);
        Assert.Equal(TensorElementType.String, types["color"]);
        Assert.All(session.Inputs, i => Assert.Equal([-1L, 1L], i.Shape.ToArray()));
        Assert.Equal(["label", "probabilities"], session.Outputs.Select(o => o.Name));
        Assert.Equal([TensorElementType.Int64, TensorElementType.Float], session.Outputs.Select(o => o.ElementType));
        Assert.Equal([-1L, 4L], session.Outputs[1].Shape.ToArray());
    }

    [Fact]
    public void Export_Labels_AreTheClassesOfThePredictions()
    {
        var pipeline = TestModels.RandomTrees(TaskKind.Binary, 20, 4, seed: 3);
        var rows = TestModels.Rows(100, seed: 8);
        var onnx = OnnxExporter.Export(pipeline, [], TestModels.Raw);
        using var scorer = ModelScorer.FromBytes(onnx);
        using var session = InferenceSession.FromBytes(onnx);
        var inputs =
            Scoring.BatchInputs.Create([.. scorer.Inputs.Select(c => new Scoring.InputColumn(c))], rows, 0, 100);
        var outputs = new Tensor?[2];

        session.Run(inputs, outputs);

        var scores = scorer.Score(rows);
        Assert.Equal(Enumerable.Range(0, 100).Select(scores.LabelAt), outputs[0]!.GetStrings());
        Assert.Contains("yes", outputs[0]!.GetStrings());
        Assert.Contains("no", outputs[0]!.GetStrings());
        foreach (var tensor in inputs.Concat(outputs!)) tensor!.Dispose();
    }

    private static FittedPipeline Train(string trainer, TaskKind task)
    {
        ITrainer made = trainer switch
        {
            "dummy" => new DummyTrainer(),
            "linear" => new LinearTrainer(),
            "naive_bayes" => new NaiveBayesTrainer(),
            "mlp" => new MlpTrainer(new MlpOptions { Epochs = 10, Hidden = [16, 8] }),
            "random_forest" => new ForestTrainer(ForestKind.Random, new ForestOptions { Trees = 15, Bootstrap = true }),
            "extra_trees" => new ForestTrainer(ForestKind.Extra, new ForestOptions { Trees = 15 }),
            _ => new BoostingTrainer(new BoostingOptions { Rounds = 40, Loss = trainer == "boosting" ? null : trainer }),
        };
        var set = TestModels.TrainingSet(task);
        if (trainer == "poisson") set = set.Take([.. Enumerable.Range(0, set.RowCount).Where(r => set.Target[r] >= 0)]);
        return made.Train(set, null, Context);
    }

    private static ImmutableArray<DerivedColumn> Calendar() =>
    [
        new DerivedColumn("hour", ColumnType.Integer, Call.Of("hour", new ColumnReference("when"))),
        new DerivedColumn("twice", ColumnType.Numeric, Call.Of("*", new ColumnReference("x"), new Literal(2L))),
        new DerivedColumn("half", ColumnType.Categorical, new Case(
            [new CaseBranch(Call.Of(">", new ColumnReference("hour"), new Literal(11L)), new Literal("late"))],
            new Literal("early"))),
    ];

    private static FittedPipeline Pipeline(ColumnDefinition[] columns) => new(
        new Schema(columns), TaskKind.Regression, [], "target", ColumnType.Numeric,
        new LinearPreprocessing([.. columns.Select(c => new NumericLinearFeature(c.Name, c.Type, 0, 0, 1, false))]),
        new LinearModel([.. columns.Select(_ => 1f)], [0f], OutputLink.Identity));
}
