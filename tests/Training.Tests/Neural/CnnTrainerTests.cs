using Gyre.Fixtures;
using Gyre.Numerics;
using Gyre.Primitives;
using Gyre.Tabular;
using Gyre.Training.Neural;

namespace Gyre.Training.Tests.Neural;

public sealed class CnnTrainerTests
{
    private const string Sample = "fashion_mnist_sample/";

    private static readonly CnnOptions Small = new()
    {
        Channels = [8, 8], Hidden = [16], Epochs = 15, BatchSize = 32, Dropout = 0, LearningRate = 0.005,
    };

    [Fact]
    public void Train_BarsAnywhere_ToldApartWhereAPerceptronCannot()
    {
        var shape = new ImageShape(9, 8, 1);
        var (train, test) = (SyntheticImages.Set(500, 1, shape), SyntheticImages.Set(300, 2, shape));
        var network = Accuracy(new CnnTrainer(Small), train, test);
        var linear = Accuracy(new MlpTrainer(new MlpOptions { Hidden = [], Epochs = 10 }), train, test);
        Assert.True(network > 0.85 && network > linear + 0.2, $"{network} against {linear}");
    }

    [Theory]
    [InlineData(2, true, 20)]
    [InlineData(0, false, 0)]
    public void Train_SameSeedAndThreads_SameModel(int shift, bool flip, double rotate)
    {
        var set = SyntheticImages.Set(120, 3, new ImageShape(8, 8, 3));
        var trainer = new CnnTrainer(Small with { Epochs = 2, Shift = shift, Flip = flip, Rotate = rotate });
        var first = trainer.Train(set, null, new TrainingContext(5, 2)).Predict(set.Features);
        var second = trainer.Train(set, null, new TrainingContext(5, 2)).Predict(set.Features);
        Assert.Equal(first.Values.ToArray(), second.Values.ToArray());
    }

    [Fact]
    public void Predict_OtherSizeOrKind_SaysWhatTheModelNeeds()
    {
        var set = SyntheticImages.Set(60, 3, new ImageShape(8, 8, 1));
        var fitted = new CnnTrainer(Small with { Epochs = 1 }).Train(set, null, new TrainingContext());
        var other = Assert.Throws<GyreException>(
            () => fitted.Predict(SyntheticImages.Table(2, 1, new ImageShape(8, 9, 1))));
        Assert.Contains("'image' are 8x9; the model needs 8x8", other.Message, StringComparison.Ordinal);
        var text = Assert.Throws<GyreException>(() => fitted.Predict(new Table(
            [CategoricalColumn.FromValues("image", ColumnType.Text, ["a"])])));
        Assert.Contains("'image' holds no images", text.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Train_WhatItCannotLearnFrom_SaysSo()
    {
        var tabular = Assert.Throws<GyreException>(
            () => new CnnTrainer().Train(Synthetic.Set(TaskKind.Binary, 50), null, new TrainingContext()));
        Assert.Contains("'cnn' cannot learn from column 'a'", tabular.Message, StringComparison.Ordinal);
        var tiny = Assert.Throws<GyreException>(() => new CnnTrainer(new CnnOptions { Channels = [4, 4, 4, 4] }).Train(
            SyntheticImages.Set(60, 3, new ImageShape(8, 8, 1)), null, new TrainingContext()));
        Assert.Contains("halve an image of 8x8 to nothing", tiny.Message, StringComparison.Ordinal);
        var images = Assert.Throws<GyreException>(() => new BoostingTrainer().Train(
            SyntheticImages.Set(60, 3, new ImageShape(8, 8, 1)), null, new TrainingContext()));
        Assert.Contains("which is image. cnn, dummy, mlp can.", images.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Apply_Augmentation_ShiftFlipAndQuarterTurnMovePixelsAsTheySay()
    {
        var shape = new ImageShape(3, 3, 1);
        float[] image = [1, 2, 3, 4, 5, 6, 7, 8, 9];
        var seen = new HashSet<string>();
        for (ulong seed = 0; seed < 300; seed++)
        {
            float[] changed = [.. image];
            new Augmentation(1, false, 0).Apply(changed, shape, new SeededRandom(seed));
            seen.Add(string.Join(" ", changed));
        }

        Assert.Equal(9, seen.Count);
        Assert.Contains("0 0 0 0 1 2 0 4 5", seen);
        seen.Clear();
        for (ulong seed = 0; seed < 9; seed++)
        {
            float[] changed = [.. image];
            new Augmentation(0, true, 0).Apply(changed, shape, new SeededRandom(seed));
            seen.Add(string.Join(" ", changed));
        }

        Assert.Equal(["1 2 3 4 5 6 7 8 9", "3 2 1 6 5 4 9 8 7"], seen.Order());
    }

    [SharedDataFact(Sample + "train-images-idx3-ubyte.gz")]
    public void Train_FashionSampleOneEpoch_BetterThanTheRecordedFirstEpoch()
    {
        var (train, test) = Load();
        var options = new CnnOptions { Epochs = 1, ValidationShare = 0 };
        Assert.True(Accuracy(new CnnTrainer(options), train, test) > 0.73);
    }

    [SharedDataFact(Sample + "train-images-idx3-ubyte.gz")]
    public void Train_FashionSamplePerceptron_AtLeastTheRecordedRow()
    {
        var (train, test) = Load();
        Assert.True(Accuracy(new MlpTrainer(new MlpOptions { Epochs = 10 }), train, test) >= 0.824);
    }

    private static (TrainingSet Train, TrainingSet Test) Load()
    {
        Table Read(string part) => IdxImages.Read(
            TestData.Shared($"{Sample}{part}-images-idx3-ubyte.gz")!, TestData.Shared($"{Sample}{part}-labels-idx1-ubyte.gz")!);
        var train = TrainingSet.Create(Read("train"), "label", TaskKind.Multiclass, ["image"]);
        return (train, TrainingSet.Create(
            Read("test"), "label", TaskKind.Multiclass, ["image"], null, train.Classes));
    }

    private static double Accuracy(ITrainer trainer, TrainingSet train, TrainingSet test) => Metrics.Evaluate(
        test, trainer.Train(train, null, new TrainingContext(1, 2)).Predict(test.Features))["accuracy"];
}
