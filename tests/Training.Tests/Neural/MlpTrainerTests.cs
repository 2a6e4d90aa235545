using Gyre.Primitives;
using Gyre.Tabular;

namespace Gyre.Training.Tests.Neural;

public sealed class MlpTrainerTests
{
    [Theory]
    [InlineData(TaskKind.Regression, "r2", 0.85)]
    [InlineData(TaskKind.Binary, "roc_auc", 0.95)]
    [InlineData(TaskKind.Multiclass, "accuracy", 0.75)]
    public void Train_CurvedTarget_BetterThanALinearModel(TaskKind task, string metric, double least)
    {
        var (train, test) = (Synthetic.Set(task, 2000), Synthetic.Set(task, 1000, seed: 2));
        var mlp = Score(new MlpTrainer(new MlpOptions { Epochs = 20 }));
        var linear = Score(new LinearTrainer());
        Assert.True(mlp > least && mlp > linear, $"{mlp} against {linear}");

        double Score(ITrainer trainer) => Metrics.Evaluate(
            test, trainer.Train(train, null, new TrainingContext(3, 2)).Predict(test.Features))[metric];
    }

    [Fact]
    public void Train_SameSeedAndThreads_SameModel()
    {
        var set = Synthetic.Set(TaskKind.Multiclass, 500);
        var trainer = new MlpTrainer(new MlpOptions { Epochs = 4, Dropout = 0.2 });
        var first = Weights(new TrainingContext(3, 2));
        Assert.Equal(first, Weights(new TrainingContext(3, 2)));
        Assert.NotEqual(first, Weights(new TrainingContext(4, 2)));

        float[] Weights(TrainingContext context) =>
        [
            .. ((NeuralModel)trainer.Train(set, null, context).Model).Layers
                .SelectMany(l => ((DenseNeuralLayer)l).Weights.Concat(((DenseNeuralLayer)l).Biases)),
        ];
    }

    [Fact]
    public void Train_NoHiddenLayers_AsLogisticRegression()
    {
        var (train, test) = (Synthetic.Set(TaskKind.Binary, 1500), Synthetic.Set(TaskKind.Binary, 1000, seed: 2));
        var options = new MlpOptions
        {
            Hidden = [], Epochs = 150, WeightDecay = 0, ValidationShare = 0, LearningRate = 0.02,
        };
        var mlp = new MlpTrainer(options).Train(train, null, new TrainingContext()).Predict(test.Features);
        var linear = new LinearTrainer(new LinearOptions { L2 = 1e-6 })
            .Train(train, null, new TrainingContext()).Predict(test.Features);
        for (var row = 0; row < test.RowCount; row++) Assert.Equal(linear.Values[row], mlp.Values[row], 0.02);
    }

    [Fact]
    public void Train_WeightOfTwo_AsARowTwice()
    {
        var set = Synthetic.Set(TaskKind.Regression, 400);
        var weights = Enumerable.Range(0, 400).Select(i => i % 4 == 0 ? 2.0 : 1.0).ToArray();
        var twice = set.Take([.. Enumerable.Range(0, 400).SelectMany(i => i % 4 == 0 ? new[] { i, i } : [i])]);
        var options = new MlpOptions
        {
            Hidden = [], Epochs = 300, WeightDecay = 0, ValidationShare = 0, BatchSize = 1000, LearningRate = 0.05,
        };
        var preprocessed = new MlpTrainer(options).Train(set.WithWeights(weights), null, new TrainingContext());
        var repeated = new MlpTrainer(options).Train(twice, null, new TrainingContext());
        var (a, b) = (preprocessed.Predict(set.Features), repeated.Predict(set.Features));
        for (var row = 0; row < 400; row++) Assert.Equal(b.Values[row], a.Values[row], 0.05);
    }

    [Fact]
    public void Train_EarlyStopping_EndsBeforeAllEpochsAndKeepsTheBest()
    {
        var set = Synthetic.Set(TaskKind.Binary, 600);
        var losses = new List<double>();
        var options = new MlpOptions { Epochs = 500, Patience = 3, LearningRate = 0.02, Anneal = false };
        var watched = Synthetic.Set(TaskKind.Binary, 400, seed: 8);
        var fitted = new MlpTrainer(options).Train(
            set, watched, new TrainingContext(1, 1, new Progress(p => losses.Add(p.Loss!.Value))));
        Assert.InRange(losses.Count, 4, 400);
        var loss = Metrics.Evaluate(watched, fitted.Predict(watched.Features))["log_loss"];
        Assert.Equal(losses.Min(), loss, 1e-5);
    }

    [Fact]
    public void Train_Cancelled_StopsWithinASecond()
    {
        using var source = new CancellationTokenSource();
        var context = new TrainingContext(1, 2, new Progress(_ => source.Cancel()), source.Token);
        var options = new MlpOptions { Epochs = 10_000, Patience = 0, ValidationShare = 0 };
        Assert.ThrowsAny<OperationCanceledException>(
            () => new MlpTrainer(options).Train(Synthetic.Set(TaskKind.Binary, 2000), null, context));
    }

    [Fact]
    public void Train_StepFarTooLong_SaysSo()
    {
        var options = new MlpOptions { LearningRate = 1, WeightDecay = 10, Anneal = false, Epochs = 400 };
        var error = Assert.Throws<GyreException>(
            () => new MlpTrainer(options).Train(Synthetic.Set(TaskKind.Regression, 300), null, new TrainingContext()));
        Assert.Contains("smaller learning_rate", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("hidden", "12,x")]
    [InlineData("hidden", "0")]
    [InlineData("hidden", "")]
    [InlineData("dropout", "1")]
    [InlineData("epochs", "0")]
    public void Parse_OutOfRange_NamesTheOption(string key, string value)
    {
        var error = Assert.Throws<GyreException>(
            () => MlpOptions.Parse(new Dictionary<string, string> { [key] = value }));
        Assert.Contains($"'mlp', option '{key}'", error.Message, StringComparison.Ordinal);
    }

    private sealed class Progress(Action<TrainingProgress> report) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => report(value);
    }
}
