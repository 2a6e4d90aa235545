using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Gyre.Primitives;
using Gyre.Tabular;

namespace Gyre.Monitoring;

/// <summary>
/// What a model's inputs and predictions looked like at training; later windows are compared with it. Numeric, Integer,
/// Boolean and Categorical columns are kept; Timestamp, Text and Id columns are not, since they change by nature, nor are images.
/// Immutable.
/// </summary>
/// <param name="Rows">The rows it was made of.</param>
/// <param name="Columns">One per input column.</param>
/// <param name="Prediction">The predictions' distribution, if known.</param>
public sealed record ReferenceProfile(long Rows, ImmutableArray<ReferenceColumn> Columns, ReferenceColumn? Prediction)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    /// <summary>Describes the rows a model was trained on.</summary>
    /// <param name="features">The raw input columns.</param>
    /// <param name="prediction">
    /// The predictions for the same or other rows, as <see cref="PredictionColumn.Create"/> makes them; or null.
    /// </param>
    /// <param name="bins">
    /// Bins of a numeric column, at least 2: quantiles of the reference, or one per value when there are fewer.
    /// </param>
    public static ReferenceProfile Create(Table features, Column? prediction = null, int bins = 10)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bins, 2);
        return new ReferenceProfile(
            features.RowCount,
            [.. features.Columns.Select(column => ReferenceColumn.Create(column, bins)).OfType<ReferenceColumn>()],
            prediction is null ? null : ReferenceColumn.Create(prediction, bins));
    }

    /// <summary>The profile as JSON; <see cref="FromJson"/> gives back an equal one.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Json);

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <exception cref="GyreException">The text is no profile.</exception>
    public static ReferenceProfile FromJson(string json)
    {
        try
        {
            var profile = JsonSerializer.Deserialize<ReferenceProfile>(json, Json);
            if (profile is { Columns.IsDefault: false } && profile.Columns.All(column => column.IsWhole)
                && profile.Prediction?.IsWhole != false) return profile;
        }
        catch (JsonException ex)
        {
            throw GyreException.Invalid("The reference profile is not readable: " + ex.Message, ex);
        }

        throw GyreException.Invalid("The reference profile is incomplete.");
    }
}
