using System.Globalization;
using System.Text;
using System.Text.Json;
using Gyre.Serving.Requests;
using Gyre.Serving.Slots;

namespace Gyre.Serving.Feedback;

/// <summary>
/// Reads <c>[{predictionId, actual}]</c>. Wrong JSON refuses the whole request; an item whose value does not fit the
/// model is reported alone, so that the others are not lost with it.
/// </summary>
internal static class FeedbackRequestReader
{
    private const int LongestText = 1000;

    /// <summary>The items, at least one.</summary>
    /// <param name="body">The request's body.</param>
    /// <param name="isNumber">
    /// Whether the truth must be a number (regression); null when the model is not loaded.
    /// </param>
    /// <param name="labels">The classes, for classification.</param>
    /// <exception cref="RequestRejectedException">The body is not acceptable.</exception>
    public static List<FeedbackItem> Read(ReadOnlySpan<byte> body, bool? isNumber, ClassLabels? labels)
    {
        var json = JsonBody.Open(body);
        var items = new List<FeedbackItem>();
        try
        {
            JsonBody.Next(ref json);
            JsonBody.Expect(ref json, JsonTokenType.StartArray, "an array [{\"predictionId\": …, \"actual\": …}]");
            while (json.Read() && json.TokenType is not JsonTokenType.EndArray)
            {
                JsonBody.Expect(ref json, JsonTokenType.StartObject, $"item {items.Count} to be an object");
                items.Add(ReadItem(ref json, isNumber, labels));
            }

            JsonBody.ExpectEnd(ref json);
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException)
        {
            throw JsonBody.Explain(ref json, body, null, 0, failure);
        }

        return items.Count > 0
            ? items
            : throw RequestRejectedException.Whole(RejectionReason.NoRows, "The array is empty.");
    }

    private static FeedbackItem ReadItem(ref Utf8JsonReader json, bool? isNumber, ClassLabels? labels)
    {
        string? id = null;
        string? actual = null;
        var problem = "'actual' is missing";
        while (json.Read() && json.TokenType is JsonTokenType.PropertyName)
        {
            if (json.ValueTextEquals("predictionId"u8))
            {
                JsonBody.Next(ref json);
                id = json.TokenType is JsonTokenType.String ? json.GetString() : null;
                json.Skip();
            }
            else if (json.ValueTextEquals("actual"u8))
            {
                JsonBody.Next(ref json);
                (actual, problem) = ReadActual(ref json, isNumber, labels);
                json.Skip();
            }
            else json.Skip();
        }

        return string.IsNullOrEmpty(id)
            ? new FeedbackItem("", null, "'predictionId' is missing or no string")
            : new FeedbackItem(id, actual, actual is null ? problem : null);
    }

    private static (string? Actual, string Problem) ReadActual(
        ref Utf8JsonReader json, bool? isNumber, ClassLabels? labels)
    {
        if (json.TokenType is not
            (JsonTokenType.String or JsonTokenType.Number or JsonTokenType.True or JsonTokenType.False))
            return (null, "'actual' is no string, number, true or false");
        if (json.ValueSpan.Length > LongestText) return (null, "'actual' is too long");
        if (json.TokenType is JsonTokenType.Number && !(json.TryGetDouble(out var number) && double.IsFinite(number)))
            return (null, "'actual' is not a finite number");
        if (isNumber is true && json.TokenType is not JsonTokenType.Number)
            return (null, "'actual' is no number, but the model predicts numbers");
        return (labels is null ? Canonical(ref json) : Label(ref json, labels), "");
    }

    private static string Canonical(ref Utf8JsonReader json)
    {
        var text = json.TokenType is JsonTokenType.String ? json.GetString()! : null; // a string token has text
        return text is null
            ? Encoding.UTF8.GetString(json.ValueSpan)
            : Written(writer => writer.WriteStringValue(text));
    }

    // A class may arrive as text or as a number, whichever the client's own data has; it is stored as the model's
    // labels are. A class the model has not seen is a truth, too.
    private static string Label(ref Utf8JsonReader json, ClassLabels labels)
    {
        var label = json.TokenType switch
        {
            JsonTokenType.String => json.GetString()!, // a string token has text
            JsonTokenType.Number when WholeNumber.TryRead(ref json, out var whole) =>
                whole.ToString(CultureInfo.InvariantCulture),
            _ => Encoding.UTF8.GetString(json.ValueSpan),
        };
        return Written(writer => labels.Write(writer, label));
    }

    private static string Written(Action<Utf8JsonWriter> write)
    {
        using var json = new Recording.PooledJson();
        return json.Write(write);
    }
}
