using System.Collections.Frozen;
using static Gyre.Tracking.Search.ComparisonOperator;

namespace Gyre.Tracking.Search;

/// <summary>An attribute by one of its names.</summary>
/// <param name="Name">The canonical name.</param>
/// <param name="Type">What it holds.</param>
/// <param name="TakesLists">Whether IN and NOT IN are allowed.</param>
internal sealed record AttributeRule(string Name, FieldType Type, bool TakesLists = false);

/// <summary>What one kind of search may name and compare; the syntax is the same for all.</summary>
internal sealed class SearchGrammar
{
    private static readonly ComparisonOperator[] NumberOperators =
        [Equal, NotEqual, Less, LessOrEqual, Greater, GreaterOrEqual];

    private static readonly ComparisonOperator[] TextOperators = [Equal, NotEqual, Like, ILike];

    private static readonly AttributeRule Text = new("", FieldType.Text);
    private static readonly AttributeRule TextOrList = new("", FieldType.Text, TakesLists: true);
    private static readonly AttributeRule Integer = new("", FieldType.Integer);

    /// <summary>The words that may stand before the first dot.</summary>
    public required FrozenDictionary<string, FieldKind> Entities { get; init; }

    /// <summary>The attributes that a filter may name.</summary>
    public required FrozenDictionary<string, AttributeRule> Attributes { get; init; }

    /// <summary>The attributes that an order may name.</summary>
    public required FrozenDictionary<string, AttributeRule> Orderable { get; init; }

    /// <summary>Whether an order may name metrics, parameters and tags too.</summary>
    public bool OrdersByKey { get; init; }

    /// <summary>Kinds for which IS NULL and IS NOT NULL are defined.</summary>
    public IReadOnlyList<FieldKind> Nullable { get; init; } = [FieldKind.Tag];

    /// <summary>
    /// Whether values of IN with an upper-case letter are dropped, as MLflow does (its databases may compare without
    /// case, and run ids have no upper case).
    /// </summary>
    public bool DropsUpperCase { get; init; } = true;

    /// <summary>Whether parameters and tags too may be compared with a list.</summary>
    public bool ListsEverywhere { get; init; }

    /// <summary>How a message about a filter's syntax begins.</summary>
    public string Blame { get; init; } = "Invalid clause(s) in filter string";

    /// <summary>How an operator is called in messages.</summary>
    public string OperatorName { get; init; } = "comparator";

    public static SearchGrammar Runs { get; } = new()
    {
        Entities = Names(
            (FieldKind.Metric, "metric metrics"), (FieldKind.Param, "parameter parameters param params"),
            (FieldKind.Tag, "tag tags"), (FieldKind.Attribute, "attribute attributes attr run"),
            (FieldKind.Dataset, "dataset datasets")),
        Attributes = RunAttributes(),
        Orderable = RunAttributes(),
        OrdersByKey = true,
        Nullable = [FieldKind.Tag, FieldKind.Param],
    };

    public static SearchGrammar Experiments { get; } = new()
    {
        Entities = Names((FieldKind.Attribute, "attribute attributes"), (FieldKind.Tag, "tag tags")),
        Attributes = Rules(("name", Text), ("creation_time", Integer), ("last_update_time", Integer)),
        Orderable = Rules(
            ("name", Text), ("experiment_id", Integer), ("creation_time", Integer), ("last_update_time", Integer)),
    };

    public static SearchGrammar RegisteredModels { get; } = new()
    {
        Entities = Names((FieldKind.Attribute, "attribute"), (FieldKind.Tag, "tag tags")),
        Attributes = Rules(("name", Text)),
        Orderable = Rules(("name", Text), ("last_updated_timestamp", Integer))
            .Append(KeyValuePair.Create("timestamp", Integer with { Name = "last_updated_timestamp" }))
            .ToFrozenDictionary(StringComparer.Ordinal),
        Nullable = [],
    };

    public static SearchGrammar ModelVersions { get; } = new()
    {
        Entities = Names((FieldKind.Attribute, "attribute"), (FieldKind.Tag, "tag tags")),
        Attributes = Rules(
            ("name", Text), ("source_path", Text), ("run_id", TextOrList), ("version_number", Integer)),
        Orderable = Rules(
            ("name", Text), ("version_number", Integer), ("creation_timestamp", Integer),
            ("last_updated_timestamp", Integer)),
        Nullable = [],
    };

    public static SearchGrammar LoggedModels { get; } = new()
    {
        Entities = Names(
            (FieldKind.Attribute, "attributes"), (FieldKind.Metric, "metrics"), (FieldKind.Param, "params"),
            (FieldKind.Tag, "tags")),
        Attributes = LoggedModelAttributes(),
        Orderable = LoggedModelAttributes(),
        OrdersByKey = true,
        Nullable = [],
        DropsUpperCase = false,
        ListsEverywhere = true,
        Blame = "Invalid filter string",
        OperatorName = "comparison operator",
    };

    /// <summary>The operators that a field of that kind takes.</summary>
    public IEnumerable<ComparisonOperator> Operators(FieldKind kind, FieldType type, bool takesLists)
    {
        if (type != FieldType.Text) return NumberOperators;
        return takesLists || kind == FieldKind.Dataset || ListsEverywhere
            ? TextOperators.Append(In).Append(NotIn)
            : TextOperators;
    }

    private static FrozenDictionary<string, AttributeRule> RunAttributes() => Rules(
            ("run_id", TextOrList), ("run_name", Text), ("status", Text), ("artifact_uri", Text), ("user_id", Text),
            ("start_time", Integer), ("end_time", Integer))
        .Concat(new[] { "created", "Created" }.Select(
            name => KeyValuePair.Create(name, Integer with { Name = "start_time" })))
        .Concat(new[] { "run name", "Run name", "Run Name" }.Select(
            name => KeyValuePair.Create(name, Text with { Name = "run_name" })))
        .ToFrozenDictionary(StringComparer.Ordinal);

    private static FrozenDictionary<string, AttributeRule> LoggedModelAttributes() => Rules(
            ("name", Text), ("model_id", Text), ("model_type", Text), ("status", Text), ("source_run_id", Text),
            ("artifact_location", Text), ("status_message", Text), ("experiment_id", Integer),
            ("creation_timestamp_ms", Integer), ("last_updated_timestamp_ms", Integer))
        .Concat(new[] { "creation_time", "creation_timestamp" }.Select(
            name => KeyValuePair.Create(name, Integer with { Name = "creation_timestamp_ms" })))
        .Concat(new[] { "last_updated_time", "last_updated_timestamp" }.Select(
            name => KeyValuePair.Create(name, Integer with { Name = "last_updated_timestamp_ms" })))
        .ToFrozenDictionary(StringComparer.Ordinal);

    private static FrozenDictionary<string, FieldKind> Names(params (FieldKind Kind, string Words)[] names) => names
        .SelectMany(name => name.Words.Split(' ').Select(word => KeyValuePair.Create(word, name.Kind)))
        .ToFrozenDictionary(StringComparer.Ordinal);

    private static FrozenDictionary<string, AttributeRule> Rules(params (string Name, AttributeRule Rule)[] rules) =>
        rules.ToFrozenDictionary(
            rule => rule.Name, rule => rule.Rule with { Name = rule.Name }, StringComparer.Ordinal);
}
