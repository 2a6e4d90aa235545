using System.Collections.Immutable;
using Gyre.Numerics;

namespace Gyre.Training;

/// <summary>
/// Scores of a user for items: base + bias of the user + bias of the item + the product of their factors (Koren, Bell
/// and
/// Volinsky 2009). One more user and item than are known stand at the end, for those that are not. Immutable,
/// thread-safe.
/// Parameters are float32; a score is summed in float64 and rounded to float32 once.
/// </summary>
public sealed class FactorScores
{
    private readonly Lazy<double[]> _itemFactors;

    /// <summary>Puts scores together.</summary>
    /// <param name="baseScore">What every score begins with.</param>
    /// <param name="userBiases">One per user, the unknown one last.</param>
    /// <param name="itemBiases">One per item, the unknown one last.</param>
    /// <param name="factors">The number of factors, 0 or more.</param>
    /// <param name="userFactors">Row-major, users × factors.</param>
    /// <param name="itemFactors">Row-major, items × factors.</param>
    /// <exception cref="ArgumentException">The lengths do not fit.</exception>
    public FactorScores(
        float baseScore, ImmutableArray<float> userBiases, ImmutableArray<float> itemBiases, int factors,
        ImmutableArray<float> userFactors, ImmutableArray<float> itemFactors)
    {
        if (userFactors.Length != userBiases.Length * factors || itemFactors.Length != itemBiases.Length * factors)
            throw new ArgumentException(
                $"{userFactors.Length} and {itemFactors.Length} numbers are not {factors} factors each.");
        (Base, UserBiases, ItemBiases) = (baseScore, userBiases, itemBiases);
        (Factors, UserFactors, ItemFactors) = (factors, userFactors, itemFactors);
        _itemFactors = new Lazy<double[]>(() => Array.ConvertAll(ItemFactors.ToArray(), v => (double)v));
    }

    /// <summary>What every score begins with.</summary>
    public float Base { get; }

    /// <summary>One per user, the unknown one last.</summary>
    public ImmutableArray<float> UserBiases { get; }

    /// <summary>One per item, the unknown one last.</summary>
    public ImmutableArray<float> ItemBiases { get; }

    /// <summary>The number of factors.</summary>
    public int Factors { get; }

    /// <summary>Row-major, users × factors, the unknown user last.</summary>
    public ImmutableArray<float> UserFactors { get; }

    /// <summary>Row-major, items × factors, the unknown item last.</summary>
    public ImmutableArray<float> ItemFactors { get; }

    /// <summary>The score of one user and item, by their codes.</summary>
    public float Score(int user, int item)
    {
        Span<double> factors = stackalloc double[Factors];
        return (float)(Start(user, factors) + ItemBiases[item] + Dot(factors, item));
    }

    /// <summary>The scores of a user for the known items, one per item.</summary>
    internal void ScoreItems(int user, Span<float> scores)
    {
        Span<double> factors = stackalloc double[Factors];
        var start = Start(user, factors);
        var biases = ItemBiases.AsSpan();
        for (var i = 0; i < scores.Length; i++) scores[i] = (float)(start + biases[i] + Dot(factors, i));
    }

    private double Start(int user, Span<double> factors)
    {
        for (var f = 0; f < factors.Length; f++) factors[f] = UserFactors[(user * Factors) + f];
        return (double)Base + UserBiases[user];
    }

    private double Dot(ReadOnlySpan<double> factors, int item) =>
        Factors == 0 ? 0 : VectorMath.Dot(factors, _itemFactors.Value.AsSpan(item * Factors, Factors));
}
