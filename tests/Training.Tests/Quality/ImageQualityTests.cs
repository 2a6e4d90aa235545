using System.Diagnostics;
using System.Globalization;
using Gyre.Fixtures;
using Gyre.Tabular;
using Gyre.Training.Tests.Neural;
using Xunit.Abstractions;

namespace Gyre.Training.Tests.Quality;

/// <summary>
/// The image rows of the recorded baselines, all training images seen, none watched: at least the recorded accuracy at the
/// same number of epochs. Long: with GYRE_LONG=1; the whole set is Debian's package dataset-fashion-mnist.
/// </summary>
public sealed class ImageQualityTests(ITestOutputHelper output)
{
    private const string Whole = "/usr/share/datasets/fashion-mnist";

    [LongFact("fashion_mnist_sample/train-images-idx3-ubyte.gz")]
    public void Sample_LinearMlpAndCnn_AtLeastTheRecordedRows()
    {
        var (train, test) = Load(name => TestData.Shared($"fashion_mnist_sample/{name}")!, "test");
        Check("linear (mlp without hidden layers), 30 epochs", Mlp(30), train, test, 0.825);
        Check("mlp 256,128, 10 epochs", Mlp(10, 256, 128), train, test, 0.824);
        Check("cnn 32,64,128, 3 epochs", Cnn(3), train, test, 0.80);
    }

    [LongFact(Whole + "/train-images-idx3-ubyte.gz")]
    public void Whole_LinearMlpAndCnn_AtLeastTheRecordedRows()
    {
        var (train, test) = Load(name => Path.Combine(Whole, name), "t10k");
        Check("linear (mlp without hidden layers), 30 epochs", Mlp(30), train, test, 0.845);
        Check("mlp 256,128, 10 epochs", Mlp(10, 256, 128), train, test, 0.8867);
        Check("cnn 32,64,128, 3 epochs", Cnn(3), train, test, 0.8982);
    }

    private static MlpTrainer Mlp(int epochs, params int[] hidden) =>
        new(new MlpOptions { Hidden = [.. hidden], Epochs = epochs, ValidationShare = 0 });

    private static CnnTrainer Cnn(int epochs) => new(new CnnOptions { Epochs = epochs, ValidationShare = 0 });

    private void Check(string name, ITrainer trainer, TrainingSet train, TrainingSet test, double least)
    {
        var epochs = int.Parse(trainer.Parameters["epochs"], CultureInfo.InvariantCulture);
        var clock = Stopwatch.StartNew();
        var fitted = trainer.Train(train, null, new TrainingContext(1, 2));
        var seconds = clock.Elapsed.TotalSeconds;
        var accuracy = Metrics.Evaluate(test, fitted.Predict(test.Features))["accuracy"];
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{name}: accuracy {accuracy:0.0000} (bar {least}), {seconds:0.0} s, {train.RowCount * epochs / seconds:0} images/s"));
        Assert.True(accuracy >= least, $"{name}: {accuracy} < {least}");
    }

    private static (TrainingSet Train, TrainingSet Test) Load(Func<string, string> path, string testName)
    {
        Table Read(string part) => IdxImages.Read(path($"{part}-images-idx3-ubyte.gz"), path($"{part}-labels-idx1-ubyte.gz"));
        var train = TrainingSet.Create(Read("train"), "label", TaskKind.Multiclass, ["image"]);
        return (train, TrainingSet.Create(Read(testName), "label", TaskKind.Multiclass, ["image"], null, train.Classes));
    }

    [AttributeUsage(AttributeTargets.Method)]
    private sealed class LongFactAttribute : FactAttribute
    {
        public LongFactAttribute(string file)
        {
            if (Environment.GetEnvironmentVariable("GYRE_LONG") != "1") Skip = "Long; runs with GYRE_LONG=1.";
            else if (!File.Exists(file) && TestData.Shared(file) is null) Skip = $"'{file}' is absent.";
        }
    }
}
