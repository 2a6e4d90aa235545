using System.Collections.Immutable;

namespace Gyre.Training.Neural;

/// <summary>How a network is trained: what the trainers' options have in common.</summary>
/// <param name="Epochs">The most times that every row is seen.</param>
/// <param name="BatchRows">Rows of a step.</param>
/// <param name="LearningRate">Adam's η at first.</param>
/// <param name="Anneal">Whether η falls to 0 along half a cosine.</param>
/// <param name="WeightDecay">As in <see cref="Numerics.AdamStep"/>.</param>
/// <param name="Patience">Epochs without a better loss on the watched rows after which training ends; 0 never
/// does.</param>
/// <param name="ValidationShare">The share of rows watched when the caller gives none.</param>
internal sealed record NetworkSchedule(
    int Epochs, int BatchRows, double LearningRate, bool Anneal, double WeightDecay, int Patience,
    double ValidationShare)
{
    /// <summary>Reads what the trainers' options have in common.</summary>
    public static NetworkSchedule Read(OptionReader reader, NetworkSchedule defaults) => new(
        reader.Integer("epochs", defaults.Epochs, 1, 10_000),
        reader.Integer("batch_size", defaults.BatchRows, 1, 65_536),
        reader.Number("learning_rate", defaults.LearningRate, 0, 1, exclusiveLeast: true),
        reader.Flag("anneal", defaults.Anneal),
        reader.Number("weight_decay", defaults.WeightDecay, 0, 10),
        reader.Integer("patience", defaults.Patience, 0, 10_000),
        reader.Number("validation_share", defaults.ValidationShare, 0, 0.5));

    /// <summary>The same as a run records them, beside a trainer's own.</summary>
    public IReadOnlyDictionary<string, string> ToParameters(IEnumerable<KeyValuePair<string, string>> own) =>
        ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal,
        [
            new("epochs", OptionText.Of(Epochs)),
            new("batch_size", OptionText.Of(BatchRows)),
            new("learning_rate", OptionText.Of(LearningRate)),
            new("anneal", OptionText.Of(Anneal)),
            new("weight_decay", OptionText.Of(WeightDecay)),
            new("patience", OptionText.Of(Patience)),
            new("validation_share", OptionText.Of(ValidationShare)),
            .. own,
        ]);

    /// <summary>η of a step among all.</summary>
    public double RateAt(long step, long steps) =>
        Anneal ? LearningRate * 0.5 * (1 + Math.Cos(Math.PI * step / steps)) : LearningRate;
}
