using System.Collections.Immutable;
using Gyre.Tabular;

namespace Gyre.Training;

/// <summary>
/// Hyperparameters of <see cref="LinearTrainer"/>. Penalties stand beside the sum of losses (½ squared error or log
/// loss, each times its row's weight), so scikit-learn's Ridge(alpha) is L2 = alpha; LogisticRegression(C, l1_ratio) is
/// L1 = l1_ratio / C, L2 = (1 − l1_ratio) / C; ElasticNet(alpha, l1_ratio) over n rows is L1 = n · alpha · l1_ratio,
/// L2 = n · alpha · (1 − l1_ratio). Intercepts are free.
/// </summary>
public sealed record LinearOptions
{
    /// <summary>
    /// The weight of ½‖w‖². Null (default) is 1; 0.1 for classification with text; 0 where <see cref="L1"/> is set.
    /// </summary>
    public double? L2 { get; init; }

    /// <summary>The weight of ‖w‖₁, which sets weights of little use to exactly 0. Default 0.</summary>
    public double L1 { get; init; }

    /// <summary>The most iterations of L-BFGS (of OWL-QN and coordinate descent with L1); default 500. Least squares
    /// without L1 with up to 2,000 inputs and no text are solved exactly instead.</summary>
    public int MaxIterations { get; init; } = 500;

    /// <summary>Stops when no component of the mean loss's gradient is larger; default 1e-6.</summary>
    public double Tolerance { get; init; } = 1e-6;

    /// <summary>The most one-hot columns of a feature, the most frequent categories; rarer ones count as unknown.
    /// Default 255.</summary>
    public int MaxCategories { get; init; } = 255;

    /// <summary>What text columns become.</summary>
    public TextOptions Text { get; init; } = new();

    /// <summary>Reads options from text: <c>l2</c>, <c>l1</c>, <c>max_iterations</c>, <c>tolerance</c>,
    /// <c>max_categories</c>, and those of <see cref="TextOptions"/>.</summary>
    /// <exception cref="Gyre.Primitives.GyreException">An option is unknown or out of range.</exception>
    public static LinearOptions Parse(IReadOnlyDictionary<string, string> values)
    {
        var defaults = new LinearOptions();
        var reader = new OptionReader(LinearTrainer.TrainerName, values);
        var options = new LinearOptions
        {
            L2 = reader.OptionalNumber("l2", "auto", 0, 1e12),
            L1 = reader.Number("l1", defaults.L1, 0, 1e12),
            MaxIterations = reader.Integer("max_iterations", defaults.MaxIterations, 1, 100_000),
            Tolerance = reader.Number("tolerance", defaults.Tolerance, 0, 1),
            MaxCategories = reader.Integer("max_categories", defaults.MaxCategories, 1, 10_000),
            Text = TextOptions.Read(reader, defaults.Text),
        };
        reader.RefuseUnknown();
        return options;
    }

    internal double L2For(TrainingSet set)
    {
        if (L2 is { } stated) return stated;
        if (L1 > 0) return 0;
        return set.Task != TaskKind.Regression && set.Inputs.Any(c => c.Type == ColumnType.Text) ? 0.1 : 1;
    }

    internal IReadOnlyDictionary<string, string> ToParameters() => ImmutableSortedDictionary.CreateRange(
        StringComparer.Ordinal,
        new Dictionary<string, string>(Text.ToParameters())
        {
            ["l2"] = OptionText.Of(L2, "auto"),
            ["l1"] = OptionText.Of(L1),
            ["max_iterations"] = OptionText.Of(MaxIterations),
            ["tolerance"] = OptionText.Of(Tolerance),
            ["max_categories"] = OptionText.Of(MaxCategories),
        });
}
