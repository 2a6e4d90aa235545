using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Gyre.Tracking.Rest;

/// <summary>
/// The fields of a request, from its JSON body or its query, read by proto3's rules: null and absent are the same,
/// whole numbers may be decimal strings, enums names or numbers. A value of another type is refused with its name.
/// </summary>
internal readonly struct RequestFields
{
    private readonly JsonElement _body;
    private readonly IQueryCollection? _query;
    private readonly string? _parent;
    private readonly int _index;

    public RequestFields(JsonElement body) => _body = body;

    /// <summary>An object within a request; messages name its fields by path, as <c>metrics[0].value</c>.</summary>
    private RequestFields(JsonElement body, string parent, int index) =>
        (_body, _parent, _index) = (body, parent, index);

    public RequestFields(IQueryCollection query) => _query = query;

    /// <summary>A text that must be there and not empty.</summary>
    public string RequiredText(string name) =>
        Text(name) is { Length: > 0 } text ? text : throw Missing(PathOf(name));

    /// <summary>A text, or null when absent.</summary>
    public string? Text(string name)
    {
        if (_query is not null) return QueryValue(name);
        if (Find(name) is not { } value) return null;
        return value.ValueKind == JsonValueKind.String ? value.GetString() : throw Wrong(name, value);
    }

    /// <summary>A whole number that must be there.</summary>
    public long RequiredInt64(string name) => Int64(name) ?? throw Missing(PathOf(name));

    /// <summary>A whole number, as JSON number or decimal text; null when absent.</summary>
    public long? Int64(string name)
    {
        if (_query is not null)
            return QueryValue(name) is { } text ? ParseInt64(text) ?? throw Wrong(name, text) : null;
        if (Find(name) is not { } value) return null;
        return value.ValueKind switch
        {
            JsonValueKind.Number when value.TryGetInt64(out var number) => number,
            JsonValueKind.Number when value.TryGetDouble(out var real) && real == Math.Floor(real)
                && Math.Abs(real) < 9e18 => (long)real,
            JsonValueKind.String when ParseInt64(value.GetString()) is { } number => number,
            JsonValueKind.True => 1,
            JsonValueKind.False => 0,
            _ => throw Wrong(name, value),
        };
    }

    /// <summary>A number that must be there; NaN and infinities are texts or bare tokens, true is 1.</summary>
    public double RequiredDouble(string name)
    {
        if (_query is not null)
            return ParseDouble(QueryValue(name) ?? throw Missing(PathOf(name))) ?? throw Wrong(name, QueryValue(name));
        var value = Find(name) ?? throw Missing(PathOf(name));
        return value.ValueKind switch
        {
            // A number beyond the range of a double reads as an infinity.
            JsonValueKind.Number => value.GetDouble(),
            JsonValueKind.String when ParseDouble(value.GetString()) is { } number => number,
            JsonValueKind.True => 1,
            JsonValueKind.False => 0,
            _ => throw Wrong(name, value),
        };
    }

    /// <summary>A truth value, or null when absent.</summary>
    public bool? Boolean(string name)
    {
        if (_query is not null)
        {
            return QueryValue(name) is not { } text ? null
                : bool.TryParse(text, out var parsed) ? parsed : throw Wrong(name, text);
        }

        if (Find(name) is not { } value) return null;
        return value.ValueKind is JsonValueKind.True or JsonValueKind.False
            ? value.GetBoolean()
            : throw Wrong(name, value);
    }

    /// <summary>A list of texts; empty when absent. A query repeats the parameter.</summary>
    public IReadOnlyList<string> Texts(string name)
    {
        if (_query is not null)
            return _query.TryGetValue(name, out var values) ? [.. values.OfType<string>()] : [];
        if (Find(name) is not { } value) return [];
        if (value.ValueKind != JsonValueKind.Array) throw Wrong(name, value);
        var texts = new List<string>(value.GetArrayLength());
        foreach (var item in value.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.String) throw Wrong(name, value);
            texts.Add(item.GetString()!); // its kind is a string
        }

        return texts;
    }

    /// <summary>A list of objects; empty when absent.</summary>
    public IReadOnlyList<RequestFields> Objects(string name)
    {
        if (_query is not null || Find(name) is not { } value) return [];
        if (value.ValueKind != JsonValueKind.Array) throw Wrong(name, value);
        var objects = new List<RequestFields>(value.GetArrayLength());
        var path = PathOf(name);
        foreach (var item in value.EnumerateArray())
        {
            objects.Add(item.ValueKind == JsonValueKind.Object
                ? new RequestFields(item, path, objects.Count)
                : throw Wrong(name, value));
        }

        return objects;
    }

    /// <summary>An object, or null when absent.</summary>
    public RequestFields? Object(string name)
    {
        if (_query is not null || Find(name) is not { } value) return null;
        return value.ValueKind == JsonValueKind.Object
            ? new RequestFields(value, PathOf(name), -1)
            : throw Wrong(name, value);
    }

    /// <summary>An enum by name or number, or null when absent.</summary>
    /// <param name="name">The field.</param>
    /// <param name="values">The protocol's names with their numbers.</param>
    public string? Enum(string name, IReadOnlyDictionary<string, int> values)
    {
        string? text;
        if (_query is not null) text = QueryValue(name);
        else if (Find(name) is not { } value) text = null;
        else
        {
            text = value.ValueKind switch
            {
                JsonValueKind.String => value.GetString(),
                JsonValueKind.Number => value.GetRawText(),
                _ => throw Wrong(name, value),
            };
        }

        if (text is null) return null;
        if (values.ContainsKey(text)) return text;
        if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
        {
            foreach (var (known, code) in values)
                if (code == number) return known;
        }

        throw Wrong(name, text);
    }

    /// <summary>Whether the field is there and not null.</summary>
    public bool Has(string name) => _query is not null ? _query.ContainsKey(name) : Find(name) is not null;

    /// <summary>A field's name as messages give it: with the list that its object stands in.</summary>
    public string PathOf(string name) => (_parent, _index) switch
    {
        (null, _) => name,
        (_, < 0) => $"{_parent}.{name}",
        _ => $"{_parent}[{_index}].{name}",
    };

    /// <summary>The refusal of a field that is not there.</summary>
    public static RestException Missing(string name) => RestException.Parameter(
        $"Missing value for required parameter '{name}'. "
        + "See the API docs for more information about request parameters.");

    private RestException Wrong(string name, JsonElement value)
    {
        var type = value.ValueKind switch
        {
            JsonValueKind.Number => value.TryGetInt64(out _) ? "int" : "float",
            JsonValueKind.True or JsonValueKind.False => "bool",
            JsonValueKind.Array => "list",
            JsonValueKind.Object => "dict",
            _ => "str",
        };
        var text = value.GetRawText();
        return Wrong(name, text.Length <= 500 ? text : text[..500] + "…", type);
    }

    private RestException Wrong(string name, string? text) => Wrong(name, $"\"{text}\"", "str");

    private RestException Wrong(string name, string text, string type) => RestException.Parameter(
        $"Invalid value {text} for parameter '{PathOf(name)}' supplied: Hint: Value was of type '{type}'. "
        + "See the API docs for more information about request parameters.");

    private JsonElement? Find(string name) =>
        _body.ValueKind == JsonValueKind.Object && _body.TryGetProperty(name, out var value)
        && value.ValueKind != JsonValueKind.Null
            ? value
            : null;

    private string? QueryValue(string name) =>
        _query!.TryGetValue(name, out var values) && values != StringValues.Empty ? values[^1] : null; // in query mode

    private static long? ParseInt64(string? text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;

    private static double? ParseDouble(string? text) => text switch
    {
        "Infinity" or "inf" or "+inf" => double.PositiveInfinity,
        "-Infinity" or "-inf" => double.NegativeInfinity,
        "NaN" or "nan" => double.NaN,
        _ => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null,
    };
}
