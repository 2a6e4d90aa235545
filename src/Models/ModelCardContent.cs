using System.Collections.Immutable;
using Gyre.Tabular;

namespace Gyre.Models;

/// <summary>
/// What a model card tells. Empty lists and nulls leave their part out, except for limits, which are always told.
/// </summary>
public sealed record ModelCardContent
{
    /// <summary>The model's name.</summary>
    public required string Name { get; init; }

    /// <summary>What it is for, in sentences.</summary>
    public required string Purpose { get; init; }

    /// <summary>What it predicts.</summary>
    public required TaskKind Task { get; init; }

    /// <summary>The target column.</summary>
    public required string Target { get; init; }

    /// <summary>The classes in output order; empty for regression.</summary>
    public ImmutableArray<string> Classes { get; init; } = [];

    /// <summary>When the model was made.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The run that made it.</summary>
    public required string RunId { get; init; }

    /// <summary>The data it was trained on.</summary>
    public required ModelCardSource Data { get; init; }

    /// <summary>How the rows were divided into training and held-out ones, in a sentence.</summary>
    public string? Split { get; init; }

    /// <summary>What a request must look like: a rule or type per column.</summary>
    public ImmutableArray<ModelCardColumn> Contract { get; init; } = [];

    /// <summary>The derived features: name and SQL.</summary>
    public ImmutableArray<ModelCardFeature> Features { get; init; } = [];

    /// <summary>The models that were compared.</summary>
    public ImmutableArray<ModelCardCandidate> Candidates { get; init; } = [];

    /// <summary>Why the chosen one, in sentences.</summary>
    public string? WhyChosen { get; init; }

    /// <summary>What was searched for the model, in sentences.</summary>
    public ImmutableArray<string> Search { get; init; } = [];

    /// <summary>The chosen model's metrics on rows that it was not trained on.</summary>
    public ImmutableArray<ModelCardMetric> Metrics { get; init; } = [];

    /// <summary>Where the evaluation report lies, in a sentence.</summary>
    public string? Evaluation { get; init; }

    /// <summary>What the model relies on, most important first.</summary>
    public ImmutableArray<ModelCardImportance> Importance { get; init; } = [];

    /// <summary>What importance means here, such as "increase of RMSE when the column is shuffled".</summary>
    public string? ImportanceMeaning { get; init; }

    /// <summary>Facts of serving, such as size and latency: name and value.</summary>
    public ImmutableArray<ModelCardFact> Serving { get; init; } = [];

    /// <summary>Where it should not be trusted.</summary>
    public ImmutableArray<string> Limits { get; init; } = [];

    /// <summary>What would make it better.</summary>
    public ImmutableArray<string> Improvements { get; init; } = [];
}

/// <summary>The training data.</summary>
/// <param name="Description">Where it comes from: files, and a citation where there is one.</param>
/// <param name="Hash">The snapshot's content hash.</param>
/// <param name="Rows">How many rows were used.</param>
/// <param name="From">The first point in time of a data set with a time column.</param>
/// <param name="Until">The last one.</param>
public sealed record ModelCardSource(
    string Description, string Hash, long Rows, DateTimeOffset? From = null, DateTimeOffset? Until = null);

/// <summary>A column of the contract.</summary>
/// <param name="Name">The column.</param>
/// <param name="Type">What it means.</param>
/// <param name="Rules">Its rules in words, such as "0 to 100, never missing"; may be empty.</param>
public sealed record ModelCardColumn(string Name, ColumnType Type, string Rules);

/// <summary>A derived feature.</summary>
/// <param name="Name">The feature.</param>
/// <param name="Definition">Its SQL.</param>
public sealed record ModelCardFeature(string Name, string Definition);

/// <summary>A model that was compared.</summary>
/// <param name="Trainer">The trainer's name.</param>
/// <param name="Metrics">Its metrics, the deciding one first.</param>
/// <param name="FitTime">How long training took.</param>
/// <param name="Chosen">Whether it became the model.</param>
public sealed record ModelCardCandidate(
    string Trainer, ImmutableArray<ModelCardMetric> Metrics, TimeSpan FitTime, bool Chosen);

/// <summary>A metric, with its interval where one was computed.</summary>
/// <param name="Name">Its name, such as `rmse`.</param>
/// <param name="Value">Its value.</param>
/// <param name="Lower">The interval's lower end.</param>
/// <param name="Upper">The interval's upper end.</param>
public sealed record ModelCardMetric(string Name, double Value, double? Lower = null, double? Upper = null);

/// <summary>How much the model relies on a feature.</summary>
/// <param name="Feature">The feature.</param>
/// <param name="Importance">The amount.</param>
/// <param name="Deviation">The amount's standard deviation over repetitions.</param>
public sealed record ModelCardImportance(string Feature, double Importance, double? Deviation = null);

/// <summary>A fact: name and value.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Value">How much, with its unit.</param>
public sealed record ModelCardFact(string Name, string Value);
