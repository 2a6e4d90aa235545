using System.Collections.Immutable;
using Gyre.Primitives;
using Gyre.Tabular;

namespace Gyre.Training;

/// <summary>
/// How much the rows of each class count in training: balanced, so that every class counts the same in sum, or numbers
/// by class. Immutable.
/// </summary>
public sealed class ClassWeights
{
    private readonly ImmutableSortedDictionary<string, double>? _byClass;

    private ClassWeights(ImmutableSortedDictionary<string, double>? byClass) => _byClass = byClass;

    /// <summary>Rows / (classes × rows of the class), counted by row weight.</summary>
    public static ClassWeights Balanced { get; } = new(null);

    /// <summary>Numbers by class; classes that are not named count 1.</summary>
    /// <exception cref="GyreException">A number is negative or not finite.</exception>
    public static ClassWeights Of(IReadOnlyDictionary<string, double> byClass)
    {
        foreach (var (name, weight) in byClass)
        {
            if (!double.IsFinite(weight) || weight < 0)
                throw GyreException.Invalid($"The weight of class '{name}' is {weight}; it must be finite and not below 0.");
        }

        return new ClassWeights(byClass.ToImmutableSortedDictionary(StringComparer.Ordinal));
    }

    /// <summary>The set with each row's weight multiplied by its class's.</summary>
    /// <exception cref="GyreException">The target has no classes, a named class does not exist, or all rows would
    /// weigh 0.</exception>
    public TrainingSet Apply(TrainingSet set)
    {
        if (set.Task == TaskKind.Regression)
            throw GyreException.Invalid($"Target '{set.TargetName}' is a number; class weights need classes.");
        var factors = _byClass is null ? BalancedFactors(set) : Factors(set, _byClass);
        var weights = new double[set.RowCount];
        for (var row = 0; row < weights.Length; row++)
            weights[row] = factors[(int)set.Target[row]] * (set.Weights.IsEmpty ? 1 : set.Weights[row]);
        return set.WithWeights(weights);
    }

    private static double[] Factors(TrainingSet set, ImmutableSortedDictionary<string, double> byClass)
    {
        if (byClass.Keys.FirstOrDefault(name => !set.Classes.Contains(name)) is { } unknown)
        {
            throw GyreException.Invalid(
                $"Class weights name '{unknown}', but target '{set.TargetName}' has the classes "
                + $"{string.Join(", ", set.Classes)}.");
        }

        return [.. set.Classes.Select(name => byClass.GetValueOrDefault(name, 1))];
    }

    private static double[] BalancedFactors(TrainingSet set)
    {
        var sums = new double[set.Classes.Length];
        for (var row = 0; row < set.RowCount; row++)
            sums[(int)set.Target[row]] += set.Weights.IsEmpty ? 1 : set.Weights[row];
        var total = sums.Sum();
        return Array.ConvertAll(sums, sum => sum > 0 ? total / (sums.Length * sum) : 0);
    }
}
