using System.Collections.Immutable;

namespace Gyre.Training;

/// <summary>Hyperparameters of <see cref="LinearTrainer"/>.</summary>
public sealed record LinearOptions
{
    /// <summary>
    /// The weight of ½‖w‖² beside the sum of losses (½ squared error or log loss); intercepts are free. Default 1. It
    /// is scikit-learn's <c>alpha</c> of Ridge and <c>1/C</c> of LogisticRegression.
    /// </summary>
    public double L2 { get; init; } = 1;

    /// <summary>The most L-BFGS iterations; default 500. Ridge with up to 2,000 inputs is solved exactly
    /// instead.</summary>
    public int MaxIterations { get; init; } = 500;

    /// <summary>Stops when no component of the mean loss's gradient is larger; default 1e-6.</summary>
    public double Tolerance { get; init; } = 1e-6;

    /// <summary>The most one-hot columns of a feature, the most frequent categories; rarer ones count as unknown.
    /// Default 255.</summary>
    public int MaxCategories { get; init; } = 255;

    /// <summary>Reads options from text: <c>l2</c>, <c>max_iterations</c>, <c>tolerance</c>,
    /// <c>max_categories</c>.</summary>
    /// <exception cref="Gyre.Primitives.GyreException">An option is unknown or out of range.</exception>
    public static LinearOptions Parse(IReadOnlyDictionary<string, string> values)
    {
        var defaults = new LinearOptions();
        var reader = new OptionReader(LinearTrainer.TrainerName, values);
        var options = new LinearOptions
        {
            L2 = reader.Number("l2", defaults.L2, 0, 1e12),
            MaxIterations = reader.Integer("max_iterations", defaults.MaxIterations, 1, 100_000),
            Tolerance = reader.Number("tolerance", defaults.Tolerance, 0, 1),
            MaxCategories = reader.Integer("max_categories", defaults.MaxCategories, 1, 10_000),
        };
        reader.RefuseUnknown();
        return options;
    }

    internal IReadOnlyDictionary<string, string> ToParameters() => ImmutableSortedDictionary.CreateRange(
        StringComparer.Ordinal,
        new Dictionary<string, string>
        {
            ["l2"] = OptionText.Of(L2),
            ["max_iterations"] = OptionText.Of(MaxIterations),
            ["tolerance"] = OptionText.Of(Tolerance),
            ["max_categories"] = OptionText.Of(MaxCategories),
        });
}
