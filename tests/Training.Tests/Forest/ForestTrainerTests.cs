using Gyre.Fixtures;
using Gyre.Tabular;
using Gyre.Training.Tests.Golden;
using Gyre.Training.Tests.Quality;
using Xunit.Abstractions;

namespace Gyre.Training.Tests.Forest;

public sealed class ForestTrainerTests(ITestOutputHelper output)
{
    private static readonly TaskKind[] Tasks = [TaskKind.Regression, TaskKind.Binary, TaskKind.Multiclass];
    private static readonly ForestKind[] Kinds = [ForestKind.Random, ForestKind.Extra];

    [Fact]
    public void Predict_EveryTask_MeanOverTreesOfTheLeavesOwnRows()
    {
        foreach (var task in Tasks)
        {
            // Without bootstrap every tree learns from all rows, so leaves can be told by the rows that end in them.
            var set = Synthetic.Set(task, 300);
            var options = new ForestOptions { Trees = 7, MinLeafRows = 4, NodeFeatureShare = 0.5 };
            var pipeline = Train(ForestKind.Random, options, set);
            var model = (ForestModel)pipeline.Model;
            var columns = ((TreePreprocessing)pipeline.Preprocessing).Encode(set.Features);
            var expected = new double[set.RowCount * model.Outputs];
            foreach (var tree in model.Trees)
            {
                var rows = Enumerable.Range(0, set.RowCount);
                foreach (var leaf in rows.GroupBy(r => tree.LeafOf([.. columns.Select(c => c[r])])))
                {
                    Assert.True(leaf.Count() >= 4);
                    foreach (var row in leaf)
                    {
                        for (var k = 0; k < model.Outputs; k++)
                        {
                            expected[(row * model.Outputs) + k] += leaf.Average(
                                r => model.Outputs == 1 ? set.Target[r] : set.Target[r] == k ? 1 : 0) / 7;
                        }
                    }
                }
            }

            var predictions = pipeline.Predict(set.Features).Values;
            for (var i = 0; i < expected.Length; i++) Assert.Equal(expected[i], predictions[i], 1e-6);
        }
    }

    [Fact]
    public void Train_OneOrTwoThreads_SameModel()
    {
        foreach (var task in Tasks)
        foreach (var kind in Kinds)
        {
            var set = Synthetic.Set(task, 1000);
            var options = ForestOptions.Default(kind) with { Trees = 12 };
            ForestModel Grow(int threads, ulong seed) => (ForestModel)new ForestTrainer(kind, options)
                .Train(set, null, new TrainingContext(seed, threads)).Model;
            var (one, two) = (Grow(1, 5), Grow(2, 5));

            Assert.Equal(one.Trees.SelectMany(t => t.Threshold), two.Trees.SelectMany(t => t.Threshold));
            Assert.Equal(one.Trees.SelectMany(t => t.Feature), two.Trees.SelectMany(t => t.Feature));
            Assert.Equal(one.Means.SelectMany(m => m.Value), two.Means.SelectMany(m => m.Value));
            Assert.Equal(one.OutOfBag, two.OutOfBag);
            Assert.NotEqual(one.Trees[0].Threshold.ToArray(), Grow(1, 6).Trees[0].Threshold.ToArray());
        }
    }

    [Fact]
    public void OutOfBag_RandomForest_EstimatesTheErrorOnNewRows()
    {
        foreach (var task in Tasks)
        {
            var (train, test) = (Synthetic.Set(task, 3000), Synthetic.Set(task, 3000, seed: 2));
            // Leaves of several rows: a single row's share of 0 makes the log loss jump.
            var options = ForestOptions.Default(ForestKind.Random) with { MinLeafRows = 5 };
            var pipeline = Train(ForestKind.Random, options, train);
            var score = ((ForestModel)pipeline.Model).OutOfBag!;

            var onNew = Metrics.Compute(score.Metric, test.Target, pipeline.Predict(test.Features));
            Assert.Equal(3000, score.Rows);
            Assert.Equal(1, score.Value / onNew, 0.12);
            var onSeen = Metrics.Compute(score.Metric, train.Target, pipeline.Predict(train.Features));
            Assert.True(onSeen < 0.85 * score.Value, $"{task}: {onSeen} on rows that were seen, {score.Value}");
        }
    }

    [Fact]
    public void OutOfBag_AllTreesSeeAllRows_IsNone()
    {
        var pipeline = Train(ForestKind.Extra, ForestOptions.Default(ForestKind.Extra), Synthetic.Set(TaskKind.Binary, 200));

        Assert.Null(((ForestModel)pipeline.Model).OutOfBag);
    }

    [Fact]
    public void Train_WholeWeights_SameAsRepeatedRows()
    {
        foreach (var task in Tasks)
        {
            var set = Synthetic.Set(task, 200);
            var weights = Enumerable.Range(0, 200).Select(i => (double)(i % 3)).ToArray();
            var repeated = set.Take([.. weights.SelectMany((w, row) => Enumerable.Repeat(row, (int)w))]);
            var options = new ForestOptions { Trees = 1, MaxDepth = 4, MinLeafRows = 1, NodeFeatureShare = 1 };

            var weighted = Train(ForestKind.Random, options, set.WithWeights(weights)).Predict(repeated.Features).Values;
            var written = Train(ForestKind.Random, options, repeated).Predict(repeated.Features).Values;

            for (var i = 0; i < written.Length; i++) Assert.Equal(written[i], weighted[i], 1e-5);
        }
    }

    [Fact]
    public void Train_Cancelled_Stops()
    {
        using var source = new CancellationTokenSource();
        var context = new TrainingContext(1, 2, new Canceller(source), source.Token);

        Assert.ThrowsAny<OperationCanceledException>(() => new ForestTrainer(ForestKind.Random).Train(
            Synthetic.Set(TaskKind.Multiclass, 5000), null, context));
    }

    [SharedDataFact("adult/adult.csv.gz")]
    public void Train_Adult_AsGoodAsScikitLearn() => Check("adult", Baseline.Adult, ForestKind.Random);

    [SharedDataFact("california_housing/california_housing.csv.gz")]
    public void Train_CaliforniaHousing_AsGoodAsScikitLearn()
    {
        Check("housing", Baseline.Housing, ForestKind.Random);
        Check("housing", Baseline.Housing, ForestKind.Extra);
    }

    [SharedDataFact("letter_recognition/letter_recognition.csv.gz")]
    public void Train_LetterRecognition_AsGoodAsScikitLearn() =>
        Check("letter", Baseline.Letter, ForestKind.Extra);

    // Defaults against Golden/forest.py with the same trees and leaf sizes; half a per cent is the spread of seeds.
    private void Check(string name, Baseline baseline, ForestKind kind)
    {
        var (train, test) = baseline.Load();
        var metrics = Metrics.Evaluate(test, Train(kind, ForestOptions.Default(kind), train).Predict(test.Features));
        var trainer = ForestTrainer.NameOf(kind);
        foreach (var bar in GoldenFile.Read("forest.json").GetProperty(name).GetProperty(trainer).EnumerateObject())
        {
            var (value, expected) = (metrics[bar.Name], bar.Value.GetDouble());
            output.WriteLine($"{name} {trainer} {bar.Name} {value:F4} (scikit-learn {expected:F4})");
            Assert.True(
                Metrics.HigherIsBetter(bar.Name) ? value >= 0.995 * expected : value <= 1.005 * expected,
                $"{name} {trainer} {bar.Name}: {value} against {expected}");
        }
    }

    private static FittedPipeline Train(ForestKind kind, ForestOptions options, TrainingSet set) =>
        new ForestTrainer(kind, options).Train(set, null, new TrainingContext(Threads: 2));

    private sealed class Canceller(CancellationTokenSource source) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => source.Cancel();
    }
}
