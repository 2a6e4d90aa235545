using System.Collections.Immutable;
using System.Text.Json;

namespace Gyre.Tracking.Storage;

/// <summary>Reads the objects and arrays of the databases' JSON aggregates.</summary>
internal static class Json
{
    public static ImmutableSortedDictionary<string, string> Texts(string json) =>
        JsonSerializer.Deserialize<Dictionary<string, string?>>(json)! // never the literal null
            .ToImmutableSortedDictionary(pair => pair.Key, pair => pair.Value ?? "", StringComparer.Ordinal);

    public static ImmutableSortedDictionary<string, int> Numbers(string json) =>
        JsonSerializer.Deserialize<Dictionary<string, int>>(json)! // never the literal null
            .ToImmutableSortedDictionary(StringComparer.Ordinal);

    public static string[] List(string json) => JsonSerializer.Deserialize<string[]>(json) ?? [];
}
