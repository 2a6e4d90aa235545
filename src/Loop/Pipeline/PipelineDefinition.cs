using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Gyre.Data;
using Gyre.Features;
using Gyre.Serving;
using Gyre.Tabular;
using Gyre.Training;

namespace Gyre.Loop.Pipeline;

/// <summary>The pipeline file `gyre.yaml`, read and checked. Immutable.</summary>
public sealed record PipelineDefinition
{
    /// <summary>The registered model's name.</summary>
    public required string Model { get; init; }

    /// <summary>Where rows come from.</summary>
    public required SourceSettings Source { get; init; }

    /// <summary>What is predicted.</summary>
    public required string Target { get; init; }

    /// <summary>The kind of prediction.</summary>
    public required TaskKind Task { get; init; }

    /// <summary>Of a binary target, the class whose probability is predicted; null for the later one in ordinal order.</summary>
    public string? PositiveClass { get; init; }

    /// <summary>The column that tells when a row happened; null when rows have no order in time.</summary>
    public string? Time { get; init; }

    /// <summary>The column that tells how much a row counts in training, 0 or more; null when all count alike.</summary>
    public string? Weight { get; init; }

    /// <summary>The source's columns and their types.</summary>
    public required Schema Columns { get; init; }

    /// <summary>What rows must satisfy.</summary>
    public required DataContract Contract { get; init; }

    /// <summary>Columns the model learns from, raw and derived.</summary>
    public required ImmutableArray<string> Features { get; init; }

    /// <summary>Who is recommended what; null for other tasks.</summary>
    public RecommendSettings? Recommend { get; init; }

    /// <summary>Columns derived by SQL.</summary>
    public ImmutableArray<FeatureDefinition> Derived { get; init; } = [];

    /// <summary>Columns that are learnt from numeric features before a trainer sees them.</summary>
    public ImmutableArray<TransformSettings> Transforms { get; init; } = [];

    /// <summary>How candidates are trained and compared.</summary>
    public TrainingSettings Training { get; init; } = new();

    /// <summary>What a candidate must pass to become champion.</summary>
    public GateSettings Gates { get; init; } = new();

    /// <summary>What becomes of a candidate that passed.</summary>
    public DeploymentSettings Deployment { get; init; } = new();

    /// <summary>What the watcher looks at.</summary>
    public MonitoringSettings Monitoring { get; init; } = new();

    /// <summary>When the pipeline runs by itself.</summary>
    public RetrainingSettings Retraining { get; init; } = new();

    /// <summary>How the champion is served.</summary>
    public ServingSettings Serving { get; init; } = new();

    /// <summary>
    /// The columns that the model reads, or a feature may be derived from, and that the prediction log does not keep as
    /// they are: with such columns served rows cannot be trained on.
    /// </summary>
    public ImmutableArray<string> RedactedInputs =>
    [
        .. Serving.Log.Redact.Keys.Order(StringComparer.Ordinal).Where(name =>
            Features.Contains(name) || Derived.Any(feature => Mentions(feature.Sql, name))),
    ];

    /// <summary>The text of the file, kept with every model it makes.</summary>
    public required string Text { get; init; }

    private static bool Mentions(string sql, string name) =>
        Regex.IsMatch(sql, $@"(?<![\w]){Regex.Escape(name)}(?![\w])", RegexOptions.IgnoreCase);
}

/// <summary>Where rows come from.</summary>
/// <param name="Paths">Files or globs, absolute.</param>
/// <param name="Feedback">Whether served rows whose actual value arrived join the training data.</param>
/// <param name="Distinct">Whether rows that repeat an earlier one in every column are left out.</param>
public sealed record SourceSettings(ImmutableArray<string> Paths, bool Feedback = true, bool Distinct = false)
{
    /// <summary>Files of labels, absolute, one per path of IDX images; empty takes the files of like name.</summary>
    public ImmutableArray<string> Labels { get; init; } = [];
}

/// <summary>Who is recommended what.</summary>
/// <param name="User">The user's column.</param>
/// <param name="Item">The item's column; the target, too, where nobody rates.</param>
/// <param name="Top">The length of a list, 1 to 1000.</param>
public sealed record RecommendSettings(string User, string Item, int Top = RecommendSettings.DefaultTop)
{
    /// <summary>The length of a list unless the file says otherwise.</summary>
    public const int DefaultTop = 10;
}

/// <summary>How candidates are trained and compared.</summary>
public sealed record TrainingSettings
{
    /// <summary>How rows are held out; null: by time when there is a time column, stratified for classes, else random.</summary>
    public SplitMethod? Split { get; init; }

    /// <summary>Where a column says which rows are held out: its name and the value of those rows.</summary>
    public (string Column, string Test)? SplitColumn { get; init; }

    /// <summary>The share of rows held out, within 0.01..0.9.</summary>
    public double TestShare { get; init; } = 0.2;

    /// <summary>Cross-validation folds on the rows not held out; 0 for none.</summary>
    public int Folds { get; init; }

    /// <summary>The metric that chooses; null for the task's own: rmse, or log_loss.</summary>
    public string? Metric { get; init; }

    /// <summary>The seed of everything random.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Threads; 0 for all cores.</summary>
    public int Threads { get; init; }

    /// <summary>
    /// Whether the chosen candidate is trained once more on all rows before it is deployed; null: yes for splits by
    /// time, where the newest rows matter most.
    /// </summary>
    public bool? Refit { get; init; }

    /// <summary>How much the rows of each class count in training; null when all count alike.</summary>
    public ClassWeights? ClassWeights { get; init; }

    /// <summary>A search that is one more candidate; null for none.</summary>
    public Training.SearchSettings? Search { get; init; }

    /// <summary>How candidates' probabilities are calibrated.</summary>
    public CalibrationMethod Calibration { get; init; }

    /// <summary>What wrong decisions of a binary task cost, to choose its threshold by; null for one half.</summary>
    public DecisionCosts? Threshold { get; init; }

    /// <summary>The evaluation report.</summary>
    public EvaluationSettings Evaluation { get; init; } = new();

    /// <summary>The candidates besides the dummy, in order; with a search, none unless they are named.</summary>
    public ImmutableArray<TrainerSettings> Trainers { get; init; } =
        [new("linear", ImmutableDictionary<string, string>.Empty), new("boosting", ImmutableDictionary<string, string>.Empty)];

    /// <summary>What holds for a task unless the file says otherwise.</summary>
    /// <param name="task">The task.</param>
    /// <param name="rated">Of recommendation, whether there are ratings to learn.</param>
    public static TrainingSettings For(Tabular.TaskKind task, bool rated) => task != Tabular.TaskKind.Recommendation
        ? new TrainingSettings()
        : new TrainingSettings
        {
            Trainers =
            [
                .. (rated ? new[] { "als", "ials" } : ["ials"])
                    .Select(name => new TrainerSettings(name, ImmutableDictionary<string, string>.Empty)),
            ],
        };
}

/// <summary>How rows are held out.</summary>
public enum SplitMethod
{
    /// <summary>The newest rows.</summary>
    Time,

    /// <summary>At random, the same share of each class.</summary>
    Stratified,

    /// <summary>At random.</summary>
    Random,

    /// <summary>The rows whose column says so: data sets with an official split.</summary>
    Column,
}

/// <summary>A candidate.</summary>
/// <param name="Name">The trainer.</param>
/// <param name="Parameters">Its hyperparameters that differ from the defaults, as texts.</param>
public sealed record TrainerSettings(string Name, ImmutableDictionary<string, string> Parameters);

/// <summary>What a candidate must pass to become champion.</summary>
public sealed record GateSettings
{
    /// <summary>By how much of the champion's loss a candidate must be better, as a share; 0.01 is one per cent.</summary>
    public double Margin { get; init; }

    /// <summary>The 99th percentile of one row's scoring time, at most.</summary>
    public TimeSpan Latency { get; init; } = TimeSpan.FromMilliseconds(5);

    /// <summary>Whether clients of the champion must be able to go on unchanged.</summary>
    public ContractGate Contract { get; init; }

    /// <summary>The size of `model.onnx` in megabytes, at most.</summary>
    public double SizeMb { get; init; } = 100;
}

/// <summary>Whether clients of the champion must be able to go on unchanged.</summary>
public enum ContractGate
{
    /// <summary>A candidate that needs other inputs is refused.</summary>
    Keep,

    /// <summary>Other inputs are wanted: clients will be changed with the model.</summary>
    Replace,
}

/// <summary>What the watcher looks at.</summary>
public sealed record MonitoringSettings
{
    /// <summary>How often the watcher looks.</summary>
    public TimeSpan Every { get; init; } = TimeSpan.FromHours(1);

    /// <summary>The stretch of time behind now that it looks at.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromDays(7);

    /// <summary>The fewest rows that it judges.</summary>
    public int MinimumRows { get; init; } = 100;

    /// <summary>The population stability index above which a column counts as drifted.</summary>
    public double Psi { get; init; } = 0.25;

    /// <summary>The Wasserstein distance, in reference standard deviations, above which a numeric column counts as drifted.</summary>
    public double Wasserstein { get; init; } = 0.5;

    /// <summary>The share of watched columns that must have drifted to trigger a retraining.</summary>
    public double DriftShare { get; init; } = 0.5;

    /// <summary>When drift triggers a retraining.</summary>
    public DriftTrigger DriftTrigger { get; init; } = DriftTrigger.Blind;

    /// <summary>The columns watched for drift; empty for all raw features.</summary>
    public ImmutableArray<string> DriftColumns { get; init; } = [];

    /// <summary>The metric that feedback is judged by; null for `training.metric`.</summary>
    public string? Metric { get; init; }

    /// <summary>How much worse than at training, as a share, triggers a retraining.</summary>
    public double Margin { get; init; } = 0.1;
}

/// <summary>When drift triggers a retraining.</summary>
public enum DriftTrigger
{
    /// <summary>While too few actual values have arrived to judge the metric itself.</summary>
    Blind,

    /// <summary>Whenever the share of columns has drifted.</summary>
    Always,

    /// <summary>Never: drift is only reported.</summary>
    Never,
}

/// <summary>When the pipeline runs by itself.</summary>
public sealed record RetrainingSettings
{
    /// <summary>Whether triggers start the pipeline at all.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>A Quartz cron expression in UTC (seconds first), or null for none.</summary>
    public string? Schedule { get; init; }

    /// <summary>The least time between two triggered runs.</summary>
    public TimeSpan Cooldown { get; init; } = TimeSpan.FromDays(7);

    /// <summary>
    /// With a time column: the newest stretch held out when a champion exists, instead of <see cref="TrainingSettings.TestShare"/>.
    /// </summary>
    public TimeSpan Holdout { get; init; } = TimeSpan.FromDays(14);
}

/// <summary>How the champion is served.</summary>
public sealed record ServingSettings
{
    /// <summary>Where the server listens unless the command line says otherwise.</summary>
    public string Urls { get; init; } = "http://127.0.0.1:5000";

    /// <summary>
    /// Whose names metrics have beside Gyre's: <c>gyre</c> (none), <c>triton</c>, <c>mlserver</c>, <c>kserve</c> or
    /// <c>all</c>.
    /// </summary>
    public string MetricNames { get; init; } = "gyre";

    /// <summary>Whether a prediction is recorded before it is answered.</summary>
    public bool StrictLog { get; init; }

    /// <summary>Whether commits also survive power loss.</summary>
    public bool DurableDevice { get; init; }

    /// <summary>What the prediction log keeps.</summary>
    public LogPolicy Log { get; init; } = new();

    /// <summary>The longest body of a prediction request, in bytes; null for the server's default.</summary>
    public long? MaximumBodyBytes { get; init; }
}
