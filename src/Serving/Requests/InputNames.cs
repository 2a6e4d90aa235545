using System.Collections.Frozen;
using System.Text;
using System.Text.Json;

namespace Gyre.Serving.Requests;

/// <summary>The names of a model's inputs, prepared for reading requests. Immutable, thread-safe.</summary>
internal sealed class InputNames
{
    private readonly string[] _names;

    // Utf8JsonReader compares names with UTF-8 without making a string.
    private readonly byte[][] _utf8;
    private readonly FrozenDictionary<string, int> _index;

    /// <param name="names">Distinct names.</param>
    public InputNames(IEnumerable<string> names)
    {
        _names = [.. names];
        _utf8 = [.. _names.Select(Encoding.UTF8.GetBytes)];
        _index = _names.Select((name, i) => KeyValuePair.Create(name, i)).ToFrozenDictionary(StringComparer.Ordinal);
    }

    /// <summary>The name of an input.</summary>
    public string this[int index] => _names[index];

    /// <summary>The position of a name, or -1.</summary>
    public int IndexOf(string name) => _index.TryGetValue(name, out var index) ? index : -1;

    /// <summary>
    /// The position of the name that the reader stands on, or -1. Clients mostly keep one order, so
    /// <paramref name="expected"/> is tried first.
    /// </summary>
    public int IndexOf(ref Utf8JsonReader json, int expected) =>
        expected < _utf8.Length && json.ValueTextEquals(_utf8[expected])
            ? expected : IndexOf(json.GetString()!); // a name is never null

    /// <summary>The position of a name in UTF-8, or -1; tried first as above.</summary>
    public int IndexOf(ReadOnlySpan<byte> name, int expected) =>
        expected < _utf8.Length && name.SequenceEqual(_utf8[expected]) ? expected : IndexOf(Encoding.UTF8.GetString(name));
}
