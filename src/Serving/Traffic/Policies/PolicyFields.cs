using System.Text.Json;
using Gyre.Primitives;

namespace Gyre.Serving.Traffic.Policies;

/// <summary>The fields of a JSON object, read by name; one that nobody read is a mistake. Not thread-safe.</summary>
/// <param name="json">The object.</param>
/// <param name="place">What it is, for messages.</param>
internal sealed class PolicyFields(JsonElement json, string place)
{
    private readonly HashSet<string> _read = new(StringComparer.Ordinal);

    /// <summary>The value of a field, or null when it is absent or null.</summary>
    public JsonElement? Find(string name)
    {
        _read.Add(name);
        return json.TryGetProperty(name, out var value) && value.ValueKind is not JsonValueKind.Null ? value : null;
    }

    /// <summary>A text, or null.</summary>
    public string? Text(string name) => Find(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.String } text => text.GetString(),
        _ => throw Wrong(name, "is no text"),
    };

    /// <summary>A number in a range, or its default.</summary>
    public double Number(string name, double absent, double low, double high)
    {
        if (Find(name) is not { } value) return absent;
        return value.ValueKind is JsonValueKind.Number && value.TryGetDouble(out var number)
            && number >= low && number <= high ? number : throw Wrong(name, $"is no number from {low} to {high}");
    }

    /// <summary>A whole number in a range, or its default; without a default it must be there.</summary>
    public int Whole(string name, int? absent, int low)
    {
        if (Find(name) is not { } value) return absent ?? throw Wrong(name, "is missing");
        return value.ValueKind is JsonValueKind.Number && value.TryGetInt32(out var number) && number >= low
            ? number : throw Wrong(name, $"is no whole number of at least {low}");
    }

    /// <summary>A length of time, or its default.</summary>
    public TimeSpan Duration(string name, TimeSpan absent) => Text(name) is not { } text ? absent
        : PolicyDuration.Parse(text) ?? throw Wrong(name, $"'{text}' is no length of time such as 90s, 10m, 12h or 7d");

    /// <summary>The fields of an object; of an empty one when it is absent.</summary>
    public PolicyFields Fields(string name) => Find(name) switch
    {
        null => new PolicyFields(JsonElement.Parse("{}"), $"{place}: {name}"),
        { ValueKind: JsonValueKind.Object } value => new PolicyFields(value, $"{place}: {name}"),
        _ => throw Wrong(name, "is no object"),
    };

    /// <summary>The elements of an array; null when it is absent.</summary>
    public IReadOnlyList<JsonElement>? Items(string name) => Find(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Array } value => [.. value.EnumerateArray()],
        _ => throw Wrong(name, "is no array"),
    };

    /// <summary>Demands that every field was read.</summary>
    /// <exception cref="GyreException">One was not.</exception>
    public void End()
    {
        foreach (var field in json.EnumerateObject())
        {
            if (_read.Contains(field.Name)) continue;
            throw GyreException.Invalid($"{place}: there is no setting '{Shorten(field.Name)}'; there are "
                + string.Join(", ", _read.Order(StringComparer.Ordinal)));
        }
    }

    /// <summary>A mistake in a field.</summary>
    public GyreException Wrong(string name, string cause) => GyreException.Invalid($"{place}: '{name}' {cause}");

    private static string Shorten(string text) => text.Length <= 40 ? text : text[..40] + "…";
}
