using Gyre.Numerics;
using Gyre.Primitives;

namespace Gyre.Training.Recommendation;

/// <summary>Refuses to learn ratings where there are none.</summary>
internal static class RatingCheck
{
    /// <exception cref="GyreException">The target is the item: nobody rated.</exception>
    public static void Require(Interactions data, ITrainer trainer)
    {
        if (!data.IsImplicit) return;
        throw GyreException.Invalid(
            $"Trainer '{trainer.Name}' learns ratings and the target '{data.Items.Name}' is the item itself; "
            + $"use {ImplicitAlsTrainer.TrainerName}, or name a column of ratings as the target.");
    }
}

/// <summary>Where factorizations begin.</summary>
internal static class FactorStart
{
    /// <summary>Normal numbers of deviation 0.1 / √factors, row-major.</summary>
    public static double[] Random(int owners, int factors, ulong seed, ulong stream = 1)
    {
        var random = SeededRandom.ForStream(seed, stream);
        var values = new double[owners * factors];
        var scale = 0.1 / Math.Sqrt(factors);
        for (var i = 0; i < values.Length; i++) values[i] = scale * random.NextNormal();
        return values;
    }
}
