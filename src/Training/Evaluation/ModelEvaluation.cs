using System.Collections.Immutable;
using Gyre.Tabular;

namespace Gyre.Training;

/// <summary>All that is known of a model on rows that it was not trained on. Empty and null parts do not apply.</summary>
public sealed record ModelEvaluation
{
    /// <summary>What is predicted.</summary>
    public required TaskKind Task { get; init; }

    /// <summary>The classes in output order; empty for regression.</summary>
    public required ImmutableArray<string> Classes { get; init; }

    /// <summary>The metric that slices and importance are told in.</summary>
    public required string Metric { get; init; }

    /// <summary>The number of rows.</summary>
    public required int Rows { get; init; }

    /// <summary>Each metric with its interval.</summary>
    public required ImmutableArray<MetricInterval> Metrics { get; init; }

    /// <summary>Classification: who was called what.</summary>
    public ConfusionMatrix? Confusion { get; init; }

    /// <summary>Binary: the one curve; multiclass: one per class that occurs, in class order.</summary>
    public ImmutableArray<ClassCurve> Curves { get; init; } = [];

    /// <summary>Classification: whether probabilities come true.</summary>
    public CalibrationCurve? Calibration { get; init; }

    /// <summary>Binary: the Brier score taken apart.</summary>
    public BrierDecomposition? Brier { get; init; }

    /// <summary>Regression: what is left over.</summary>
    public Residuals? Residuals { get; init; }

    /// <summary>Parts of the rows, the worst first.</summary>
    public ImmutableArray<SliceResult> Slices { get; init; } = [];

    /// <summary>What the model relies on, the most important first.</summary>
    public ImmutableArray<FeatureImportance> Importance { get; init; } = [];

    /// <summary>How predictions depend on the most important features.</summary>
    public ImmutableArray<DependenceCurve> Dependence { get; init; } = [];

    /// <summary>Trees: what features add to the predictions of a sample of rows.</summary>
    public ShapSummary? Shap { get; init; }

    /// <summary>Whether more rows would help, where that was asked.</summary>
    public LearningCurve? Learning { get; init; }
}

/// <summary>The decisions about one class at every threshold.</summary>
/// <param name="Class">The class against the rest.</param>
/// <param name="Curve">The counts.</param>
public sealed record ClassCurve(string Class, ThresholdCurve Curve);

/// <summary>Contributions of a sample of rows.</summary>
/// <param name="Explanation">Theirs.</param>
/// <param name="Places">Row-major, rows × features: where a row's value lies among the sample's, 0 (lowest) to 1; NaN for
/// categories and missing values.</param>
public sealed record ShapSummary(ShapExplanation Explanation, ImmutableArray<double> Places);
