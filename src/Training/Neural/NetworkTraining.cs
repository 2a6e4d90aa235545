using Gyre.Numerics;
using Gyre.Tabular;

namespace Gyre.Training.Neural;

/// <summary>
/// From a training set to a fitted pipeline of a network. A regression target is standardised while it is learned; the
/// last layer takes the scale back.
/// </summary>
internal static class NetworkTraining
{
    public static FittedPipeline Fit(
        ITrainer trainer, Network network, NeuralPreprocessing preprocessing, NetworkSchedule schedule,
        TrainingSet train, TrainingSet? validation, TrainingContext context, Augmentation? augmentation = null)
    {
        if (validation is not null
            && (validation.Task != train.Task || !validation.Classes.SequenceEqual(train.Classes)))
            throw new ArgumentException("The validation rows have another task or other classes.", nameof(validation));
        var (mean, scale) = Scale(train);
        var run = new NetworkRun(network, schedule, trainer.Name, context);
        var (parameters, epochs) = run.Train(
            Labelled(train, preprocessing, mean, scale, augmentation),
            validation is null || schedule.Patience == 0 ? null : Labelled(validation, preprocessing, mean, scale),
            validation is null ? NetworkRun.Watched(train, schedule, context.Seed) : null);
        var last = parameters.AsSpan(network.Of(network.Layers.Length - 1));
        foreach (ref var parameter in last) parameter = (float)(parameter * scale);
        last[^1] = train.Task == TaskKind.Regression ? (float)(last[^1] + mean) : last[^1];
        return new FittedPipeline(train, preprocessing, NeuralModel.Of(network, parameters, train.Task, epochs));
    }

    /// <summary>About the bytes that a training takes beside its rows.</summary>
    public static long Memory(Network network, NetworkSchedule schedule, int threads)
    {
        var rows = (long)Math.Max(64 * threads, schedule.BatchRows + threads);
        return 4 * ((network.Parameters * (4L + threads))
            + (rows * 2 * (network.Inputs + network.Layers.Sum(l => (long)l.Outputs))));
    }

    private static LabelledRows Labelled(
        TrainingSet set, NeuralPreprocessing preprocessing, double mean, double scale,
        Augmentation? augmentation = null)
    {
        var targets = new float[set.RowCount];
        for (var row = 0; row < targets.Length; row++) targets[row] = (float)((set.Target[row] - mean) / scale);
        var weights = set.Weights.ToArray();
        var sum = weights.Sum();
        for (var row = 0; row < weights.Length; row++) weights[row] *= weights.Length / sum;
        return new LabelledRows(preprocessing.Rows(set.Features, augmentation), set.Task, targets, weights);
    }

    private static (double Mean, double Scale) Scale(TrainingSet train)
    {
        if (train.Task != TaskKind.Regression) return (0, 1);
        var mean = Moments.Mean(train.Target);
        var deviation = Moments.StandardDeviation(train.Target, degreesOfFreedomLost: 0);
        return (mean, deviation > 1e-9 * Math.Abs(mean) ? deviation : 1);
    }
}
