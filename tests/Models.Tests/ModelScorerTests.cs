using Gyre.Fixtures;
using Gyre.Primitives;
using Gyre.Tabular;
using Gyre.Training;

namespace Gyre.Models.Tests;

public sealed class ModelScorerTests
{
    private static readonly FittedPipeline Pipeline = TestModels.RandomTrees(TaskKind.Multiclass, 24, 5, seed: 4);
    private static readonly byte[] Onnx = OnnxExporter.Export(Pipeline, [], TestModels.Raw);

    [Fact]
    public void Score_RowByRow_IsBitIdenticalToTheBatch()
    {
        using var scorer = ModelScorer.FromBytes(Onnx);
        var rows = TestModels.Rows(200, seed: 6, unknown: true);
        var batch = scorer.Score(rows);

        for (var row = 0; row < rows.RowCount; row++)
        {
            var single = scorer.Score(rows.Take([row]));
            Assert.Equal(batch.Predictions.Values.Slice(row * 4, 4).ToArray(), single.Predictions.Values.ToArray());
            Assert.Equal(batch.LabelAt(row), single.LabelAt(0));
        }
    }

    [Fact]
    public void ScoreJoined_TablesOfSeveralSizes_IsBitIdenticalToEach()
    {
        using var scorer = ModelScorer.FromBytes(Onnx);
        var rows = TestModels.Rows(60, seed: 7, unknown: true);
        int[] sizes = [1, 1, 3, 1, 20, 34];
        var tables = new List<Table>();
        var start = 0;
        foreach (var size in sizes)
        {
            tables.Add(rows.Take([.. Enumerable.Range(start, size)]));
            start += size;
        }

        var outputs = new float[60 * scorer.OutputWidth];
        scorer.ScoreJoined([.. tables], outputs);
        scorer.ScoreJoined([.. tables], outputs); // into used buffers

        Assert.Equal(scorer.Score(rows).Outputs.ToArray(), outputs);
    }

    [Fact]
    public void Score_MoreRowsThanABatch_ScoresAll()
    {
        using var scorer = ModelScorer.FromBytes(Onnx);
        var rows = TestModels.Rows(9000, seed: 6);

        ParityCheck.Compare(Pipeline.Predict(rows), scorer, rows).Require();
    }

    [Fact]
    public void Score_NoRows_GivesNone()
    {
        using var scorer = ModelScorer.FromBytes(Onnx);

        Assert.Equal(0, scorer.Score(TestModels.Rows(0, seed: 1)).Predictions.Rows);
    }

    [Fact]
    public void Score_ManyThreads_AllGetTheirOwnAnswer()
    {
        using var scorer = ModelScorer.FromBytes(Onnx);
        var rows = TestModels.Rows(64, seed: 6);
        var expected = scorer.Score(rows);

        Parallel.For(0, 2000, i =>
        {
            var row = i % 64;
            var single = scorer.Score(rows.Take([row]));
            Assert.Equal(expected.Predictions.Values.Slice(row * 4, 4).ToArray(), single.Predictions.Values.ToArray());
        });
    }

    [Fact]
    public void Score_AbsentColumn_NamesIt()
    {
        using var scorer = ModelScorer.FromBytes(Onnx);

        var error = Assert.Throws<GyreException>(() => scorer.Score(TestModels.Rows(3, seed: 1).Without("gaps")));

        Assert.Contains("'gaps'", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Score_ColumnOfAnotherType_NamesIt(int count)
    {
        using var scorer = ModelScorer.FromBytes(Onnx);
        var rows = TestModels.Rows(count, seed: 1).Without("x", "color")
            .With(CategoricalColumn.FromValues("x", ColumnType.Categorical, Enumerable.Repeat("1", count)))
            .With(CategoricalColumn.FromValues("color", ColumnType.Categorical, Enumerable.Repeat("1", count)));

        var error = Assert.Throws<GyreException>(() => scorer.Score(rows));

        Assert.Contains("'x' is Categorical", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Score_MissingValueThatTrainingNeverSaw_NamesColumnAndRow(int count)
    {
        using var scorer = ModelScorer.FromBytes(Onnx);
        var missing = new bool[count];
        missing[^1] = true;
        var rows = TestModels.Rows(count, seed: 1).Without("whole")
            .With(new Column<long>("whole", ColumnType.Integer, new long[count], missing));

        var error = Assert.Throws<GyreException>(() => scorer.Score(rows));

        Assert.Contains($"'whole' has no value in row {count}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Score_WholeNumbersWhereRealOnesAreExpected_AreTaken()
    {
        using var scorer = ModelScorer.FromBytes(Onnx);
        var rows = TestModels.Rows(5, seed: 1).Without("x");

        var real = scorer.Score(rows.With(new Column<double>("x", ColumnType.Numeric, [1, 2, 3, 4, 5])));
        var whole = scorer.Score(rows.With(new Column<long>("x", ColumnType.Integer, [1, 2, 3, 4, 5])));

        Assert.Equal(real.Predictions.Values.ToArray(), whole.Predictions.Values.ToArray());
    }

    [Fact]
    public void ProbabilitiesAt_Binary_AreBothAndSumToOne()
    {
        var pipeline = TestModels.RandomTrees(TaskKind.Binary, 10, 3, seed: 4);
        using var scorer = ModelScorer.FromBytes(OnnxExporter.Export(pipeline, [], TestModels.Raw));

        var scores = scorer.Score(TestModels.Rows(2, seed: 1));

        Assert.Equal(2, scores.ProbabilitiesAt(0).Length);
        Assert.Equal(1, scores.ProbabilitiesAt(0)[0] + scores.ProbabilitiesAt(0)[1], 6);
        Assert.Equal(scores.Predictions.Values[0], scores.ProbabilitiesAt(0)[1]);
    }

    [Fact]
    public void MeasureLatency_SmallModel_GivesOrderedQuantiles()
    {
        using var scorer = ModelScorer.FromBytes(Onnx);

        var latency = scorer.MeasureLatency(TestModels.Rows(10, seed: 1), 50);

        Assert.True(latency.P50 > TimeSpan.Zero && latency.P50 <= latency.P99);
        Assert.Equal(Onnx.Length, scorer.SizeBytes);
    }

    [Fact]
    public void Load_AbsentFile_SaysNotFound()
    {
        using var folder = new TemporaryFolder();

        Assert.Equal(ErrorCode.NotFound, Assert.Throws<GyreException>(() => ModelScorer.Load(folder.Path)).Code);
        Assert.Equal(
            ErrorCode.NotFound, Assert.Throws<GyreException>(() => ModelScorer.Load(folder.File("a.onnx"))).Code);
    }

    [Fact]
    public void Load_TruncatedFile_NamesIt()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("model.onnx"), Onnx[..(Onnx.Length / 2)]);

        var error = Assert.Throws<GyreException>(() => ModelScorer.Load(folder.Path));

        Assert.Contains("model.onnx", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Score_AfterDispose_Throws()
    {
        var scorer = ModelScorer.FromBytes(Onnx);
        scorer.Dispose();

        Assert.Throws<ObjectDisposedException>(() => scorer.Score(TestModels.Rows(1, seed: 1)));
    }

    [Fact]
    public void Compare_OtherModel_IsRefusedWithTheRow()
    {
        var other = TestModels.RandomTrees(TaskKind.Multiclass, 24, 5, seed: 5);
        using var scorer = ModelScorer.FromBytes(Onnx);
        var rows = TestModels.Rows(50, seed: 6);

        var report = ParityCheck.Compare(other.Predict(rows), scorer, rows);

        Assert.False(report.Passed);
        var error = Assert.Throws<GyreException>(report.Require);
        Assert.Equal(ErrorCode.Refused, error.Code);
        Assert.Contains($"row {report.WorstRow + 1}", error.Message, StringComparison.Ordinal);
    }
}
