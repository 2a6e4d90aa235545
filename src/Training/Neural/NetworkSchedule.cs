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
    /// <summary>η of a step among all.</summary>
    public double RateAt(long step, long steps) =>
        Anneal ? LearningRate * 0.5 * (1 + Math.Cos(Math.PI * step / steps)) : LearningRate;
}
