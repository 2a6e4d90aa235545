using System.Collections.Immutable;
using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using Gyre.Primitives;
using Gyre.Tabular;
using Gyre.Training;

namespace Gyre.Models.Export;

/// <summary>What Gyre writes into the properties of a model file, so that the file alone can be served.</summary>
internal sealed record ModelProperties(
    TaskKind Task, ImmutableArray<string> Classes, string TargetName, ColumnType TargetType, Schema Inputs)
{
    private const string TaskKey = "gyre.task";
    private const string ClassesKey = "gyre.classes";
    private const string TargetKey = "gyre.target";
    private const string TargetTypeKey = "gyre.target_type";
    private const string InputsKey = "gyre.inputs";
    private const string RecommenderKey = "gyre.recommender";
    private const string ThresholdKey = "gyre.threshold";

    /// <summary>What a recommender says of itself; null for other models.</summary>
    public RecommenderProperties? Recommender { get; init; }

    /// <summary>The probability from which on a binary task's rows are called positive.</summary>
    public double Threshold { get; private init; } = 0.5;

    /// <summary>The product's version.</summary>
    public static string ProducerVersion { get; } =
        typeof(ModelProperties).Assembly.GetName().Version is { } version ? version.ToString(3) : "";

    public static IEnumerable<KeyValuePair<string, string>> Of(
        FittedPipeline pipeline, ImmutableArray<ColumnDefinition> inputs) =>
    [
        new(TaskKey, pipeline.Task.ToString()),
        new(ClassesKey, JsonSerializer.Serialize(pipeline.Classes.ToArray())),
        new(TargetKey, pipeline.TargetName),
        new(TargetTypeKey, pipeline.TargetType.ToString()),
        new(InputsKey, JsonSerializer.Serialize(inputs.Select(c => new Input(c.Name, c.Type.ToString(), c.Nullable, c.Image?.ToString())))),
        .. RecommenderProperties.Of(pipeline) is { } recommender
            ? new KeyValuePair<string, string>[] { new(RecommenderKey, JsonSerializer.Serialize(recommender)) } : [],
        .. pipeline.Threshold == 0.5 ? [] : new[] { KeyValuePair.Create(ThresholdKey, pipeline.Threshold.ToString("R", CultureInfo.InvariantCulture)) },
    ];

    /// <summary>Reads them back.</summary>
    /// <exception cref="GyreException">The model was not written by Gyre.</exception>
    public static ModelProperties Read(Func<string, string?> property, string place)
    {
        try
        {
            var inputs = JsonSerializer.Deserialize<Input[]>(Text(InputsKey)) ?? [];
            return new ModelProperties(
                Enum.Parse<TaskKind>(Text(TaskKey)),
                [.. JsonSerializer.Deserialize<string[]>(Text(ClassesKey)) ?? []],
                Text(TargetKey),
                Enum.Parse<ColumnType>(Text(TargetTypeKey)),
                new Schema(
                    inputs.Select(i => new ColumnDefinition(i.Name, Enum.Parse<ColumnType>(i.Type), i.Nullable)
                    {
                        Image = ImageShape.TryParse(i.Image ?? "", out var shape) ? shape : null,
                    })))
            {
                Recommender = property(RecommenderKey) is { } recommender
                    ? JsonSerializer.Deserialize<RecommenderProperties>(recommender) : null,
                Threshold = property(ThresholdKey) is { } threshold ? double.Parse(threshold, CultureInfo.InvariantCulture) : 0.5,
            };
        }
        catch (Exception error) when (error is JsonException or ArgumentException or FormatException)
        {
            throw GyreException.Invalid($"{place}: the model's properties cannot be read ({error.Message})", error);
        }

        string Text(string key) =>
            property(key)
                ?? throw GyreException.Invalid($"{place}: the model has no property '{key}'; it was not made by Gyre.");
    }

    private sealed record Input(
        string Name, string Type, bool Nullable,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Image);
}

/// <summary>What a recommender says of itself.</summary>
/// <param name="User">The user's column.</param>
/// <param name="Item">The item's column.</param>
/// <param name="Top">The length of a list.</param>
/// <param name="Items">How many items there are to choose from.</param>
/// <param name="Ratings">Whether it predicts ratings too.</param>
internal sealed record RecommenderProperties(string User, string Item, int Top, int Items, bool Ratings)
{
    public static RecommenderProperties? Of(FittedPipeline pipeline) =>
        pipeline is { Preprocessing: RecommenderPreprocessing columns, Model: RecommenderModel model }
            ? new RecommenderProperties(
                columns.Users.Name, columns.Items.Name, model.Top, model.ItemCount, model.Ratings is not null)
            : null;
}
