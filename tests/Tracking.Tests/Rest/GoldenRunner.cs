using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Gyre.Tracking.Tests.Rest;

/// <summary>
/// Plays a file of request/answer pairs against a fresh server:
/// <c>[{"request": {"method", "path", "body"?, "contentType"?}, "status", "answer"?, "save"?}…]</c>.
/// An answer must have exactly the fields that are named. In it <c>"*"</c> matches any value, and a text with a star at
/// either end any text that ends, begins or has the rest inside. <c>"save": {"run": "run.info.run_id"}</c> keeps a
/// value, <c>${run}</c> puts it into later requests and answers. A body that is a text is sent as it is.
/// </summary>
internal static partial class GoldenRunner
{
    public static async Task PlayAsync(RestFixture server, string file)
    {
        var values = new Dictionary<string, string>();
        var number = 0;
        // A golden file is a list.
        foreach (var step in JsonNode.Parse(await File.ReadAllTextAsync(file))!.AsArray())
        {
            number++;
            await PlayStepAsync(server, step!, values, $"{Path.GetFileName(file)}, pair {number}");
        }
    }

    private static async Task PlayStepAsync(
        RestFixture server, JsonNode step, Dictionary<string, string> values, string place)
    {
        var request = step["request"]!;
        var path = Fill((string)request["path"]!, values);
        var body = request["body"] is { } node
            ? Fill(node is JsonValue value && value.TryGetValue(out string? raw) ? raw : node.ToJsonString(), values)
            : null;
        var (status, text) = await server.SendAsync(
            new HttpMethod((string)request["method"]!), path, body,
            (string?)request["contentType"] ?? "application/json");
        place = $"{place}: {(string)request["method"]!} {path} answered {(int)status} {text}";
        Assert.True((int)status == (int)step["status"]!, place);
        if (step["answer"] is { } expected) Match(expected, JsonNode.Parse(text), values, "answer", place);
        if (step["save"] is not { } save) return;
        foreach (var (name, where) in save.AsObject())
            values[name] = Follow(JsonNode.Parse(text), (string)where!)?.ToString()
                ?? throw new Xunit.Sdk.XunitException(place);
    }

    private static JsonNode? Follow(JsonNode? node, string path)
    {
        foreach (var part in path.Split('.'))
            node = int.TryParse(part, out var index) ? node?[index] : node?[part];
        return node;
    }

    private static void Match(
        JsonNode? expected, JsonNode? actual, Dictionary<string, string> values, string at, string place)
    {
        switch (expected)
        {
            case JsonObject fields:
                Assert.True(actual is JsonObject, $"{at} is no object; {place}");
                var found = actual.AsObject();
                Assert.True(found.Count == fields.Count && fields.All(field => found.ContainsKey(field.Key)),
                    $"{at} should have the fields {string.Join(", ", fields.Select(field => field.Key))}; {place}");
                foreach (var (key, value) in fields) Match(value, found[key], values, $"{at}.{key}", place);
                break;
            case JsonArray items:
                Assert.True(actual is JsonArray list && list.Count == items.Count,
                    $"{at} should have {items.Count} items; {place}");
                for (var i = 0; i < items.Count; i++) Match(items[i], actual[i], values, $"{at}[{i}]", place);
                break;
            case JsonValue value when value.TryGetValue(out string? pattern):
                Assert.True(Matches(Fill(pattern, values), actual), $"{at} should be {pattern}; {place}");
                break;
            default:
                Assert.True(JsonNode.DeepEquals(expected, actual), $"{at} should be {expected}; {place}");
                break;
        }
    }

    private static bool Matches(string pattern, JsonNode? actual)
    {
        if (pattern == "*") return actual is not null;
        if (actual is not JsonValue value || !value.TryGetValue(out string? text)) return false;
        return (pattern.StartsWith('*'), pattern.EndsWith('*')) switch
        {
            (true, true) => text.Contains(pattern[1..^1], StringComparison.Ordinal),
            (true, false) => text.EndsWith(pattern[1..], StringComparison.Ordinal),
            (false, true) => text.StartsWith(pattern[..^1], StringComparison.Ordinal),
            _ => text == pattern,
        };
    }

    private static string Fill(string text, Dictionary<string, string> values) =>
        Placeholder().Replace(text, match => values[match.Groups[1].Value]);

    [GeneratedRegex(@"\$\{(\w+)\}")]
    private static partial Regex Placeholder();
}
