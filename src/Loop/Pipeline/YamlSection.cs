using System.Collections.Immutable;
using System.Globalization;
using Gyre.Primitives;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Gyre.Loop.Pipeline;

/// <summary>
/// A mapping of a YAML file that is read key by key. Every error names the file, the line and the key; keys that nobody
/// asked for are refused by <see cref="Close"/>, so that a misspelt setting is never silently ignored.
/// </summary>
internal sealed class YamlSection
{
    private readonly string _file;
    private readonly string _path;
    private readonly YamlMappingNode _node;
    private readonly Dictionary<string, YamlSection> _sections = new(StringComparer.Ordinal);
    private readonly HashSet<string> _asked = new(StringComparer.Ordinal);

    private YamlSection(string file, string path, YamlMappingNode node) => (_file, _path, _node) = (file, path, node);

    /// <summary>Parses a whole file.</summary>
    public static YamlSection Parse(string file, string text)
    {
        try
        {
            var stream = new YamlStream();
            stream.Load(new StringReader(text));
            return stream.Documents.Count == 1 && stream.Documents[0].RootNode is YamlMappingNode root
                ? new YamlSection(file, "", root)
                : throw GyreException.Invalid($"{file}: expected one document of `key: value` lines");
        }
        catch (YamlException error)
        {
            var cause = (error.InnerException ?? error).Message;
            throw GyreException.Invalid($"{file}:{error.Start.Line}: {cause}", error);
        }
        catch (InvalidOperationException error)
        {
            // The parser's answer to a bracket that is never closed; it does not say where.
            throw GyreException.Invalid($"{file}: a list or mapping in brackets is not closed", error);
        }
    }

    /// <summary>The keys, in file order.</summary>
    public IEnumerable<string> Keys => _node.Children.Keys.Select(Scalar);

    /// <summary>Whether a key is present with a value.</summary>
    public bool Has(string key) => Find(key) is not null;

    /// <summary>Whether settings stand beneath a key, rather than a single value.</summary>
    public bool IsMapping(string key) => Find(key) is YamlMappingNode;

    /// <summary>A mapping beneath a key; null when the key is absent.</summary>
    public YamlSection? Section(string key) => Find(key) switch
    {
        null => null,
        YamlMappingNode mapping => _sections.TryGetValue(key, out var known)
            ? known
            : _sections[key] = new YamlSection(_file, Join(key), mapping),
        var other => throw Error(other, key, "expected settings beneath this key"),
    };

    /// <summary>A text; null when absent.</summary>
    public string? Text(string key) => Find(key) switch
    {
        null => null,
        YamlScalarNode scalar => scalar.Value,
        var other => throw Error(other, key, "expected a single value"),
    };

    /// <summary>A text that must be there.</summary>
    public string Required(string key) => Text(key) is { Length: > 0 } text
        ? text
        : throw Error(_node, key, "is missing");

    /// <summary>A number within limits.</summary>
    public double Number(string key, double otherwise, double min = double.NegativeInfinity, double max = double.PositiveInfinity)
    {
        if (Text(key) is not { } text) return otherwise;
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) &&
            number >= min && number <= max)
            return number;
        throw Error(key, $"'{text}' is not a number within {Limits(min, max)}");
    }

    /// <summary>A number, or null when absent.</summary>
    public double? OptionalNumber(string key) => Has(key) ? Number(key, 0) : null;

    /// <summary>A whole number within limits.</summary>
    public int Integer(string key, int otherwise, int min = int.MinValue, int max = int.MaxValue)
    {
        if (Text(key) is not { } text) return otherwise;
        if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) &&
            number >= min && number <= max)
            return number;
        throw Error(key, $"'{text}' is not a whole number within {Limits(min, max)}");
    }

    /// <summary>True or false.</summary>
    public bool Flag(string key, bool otherwise) => Text(key) switch
    {
        null => otherwise,
        "true" => true,
        "false" => false,
        var text => throw Error(key, $"'{text}' is neither true nor false"),
    };

    /// <summary>A length of time such as 7d, 24h, 30m, 10s or 50ms.</summary>
    public TimeSpan Duration(string key, TimeSpan otherwise) => OptionalDuration(key) ?? otherwise;

    /// <summary>A length of time, or null when absent.</summary>
    public TimeSpan? OptionalDuration(string key)
    {
        if (Text(key) is not { } text) return null;
        return Durations.TryParse(text, out var duration)
            ? duration
            : throw Error(key, $"'{text}' is not a length of time such as 7d, 24h, 30m, 10s or 50ms");
    }

    /// <summary>One of the named values of an enum, in lower case.</summary>
    public T Choice<T>(string key, T otherwise) where T : struct, Enum
    {
        if (Text(key) is not { } text) return otherwise;
        foreach (var value in Enum.GetValues<T>())
            if (Name(value) == text) return value;
        throw Error(key, $"'{text}' is not one of {string.Join(", ", Enum.GetValues<T>().Select(Name))}");
    }

    /// <summary>A list of texts; one text counts as a list of one; empty when absent.</summary>
    public ImmutableArray<string> Texts(string key) => Find(key) switch
    {
        null => [],
        YamlScalarNode scalar => [scalar.Value ?? ""],
        YamlSequenceNode sequence =>
        [
            .. sequence.Select(item => (item as YamlScalarNode)?.Value ?? throw Error(item, key, "expected a list of texts")),
        ],
        var other => throw Error(other, key, "expected a list"),
    };

    /// <summary>A list whose entries are a name, or a name with settings beneath.</summary>
    public IEnumerable<(string Name, YamlSection? Settings)> NamedEntries(string key)
    {
        var node = Find(key);
        if (node is null) yield break;
        if (node is not YamlSequenceNode sequence) throw Error(node, key, "expected a list");
        foreach (var item in sequence)
        {
            yield return item switch
            {
                YamlScalarNode scalar => (scalar.Value ?? "", null),
                YamlMappingNode { Children.Count: 1 } mapping => Named(key, mapping),
                _ => throw Error(item, key, "expected a name, or a name with settings beneath it"),
            };
        }
    }

    /// <summary>The settings of this section as plain texts, all of them asked for.</summary>
    public ImmutableDictionary<string, string> AllTexts() =>
        Keys.ToImmutableDictionary(key => key, key => Text(key) ?? "", StringComparer.Ordinal);

    /// <summary>Refuses keys that were not asked for.</summary>
    public void Close()
    {
        foreach (var node in _node.Children.Keys)
        {
            if (_asked.Contains(Scalar(node))) continue;
            throw Error(node, Scalar(node), $"is not a setting here; known are {string.Join(", ", _asked.Order(StringComparer.Ordinal))}");
        }
    }

    /// <summary>An error at a key of this section.</summary>
    public GyreException Error(string key, string cause) => Error(Find(key) ?? _node, key, cause);

    private (string, YamlSection?) Named(string key, YamlMappingNode mapping)
    {
        var (name, value) = mapping.Children.First();
        return value switch
        {
            YamlMappingNode settings => (Scalar(name), new YamlSection(_file, Join(key) + "." + Scalar(name), settings)),
            YamlScalarNode { Value: null or "" } => (Scalar(name), null),
            _ => throw Error(value, key, "expected settings beneath the name"),
        };
    }

    private YamlNode? Find(string key)
    {
        _asked.Add(key);
        foreach (var (name, value) in _node.Children)
        {
            if (Scalar(name) != key) continue;
            return value is YamlScalarNode { Value: null or "" or "null" or "~", Style: ScalarStyle.Plain } ? null : value;
        }

        return null;
    }

    private GyreException Error(YamlNode at, string key, string cause) =>
        GyreException.Invalid($"{_file}:{at.Start.Line}: {Join(key)}: {cause}");

    private string Join(string key) => _path.Length == 0 ? key : $"{_path}.{key}";

    private static string Scalar(YamlNode node) => (node as YamlScalarNode)?.Value ?? "";

    private static string Name<T>(T value) where T : struct, Enum => value.ToString().ToLowerInvariant();

    private static string Limits(double min, double max) =>
        string.Create(CultureInfo.InvariantCulture, $"{min}..{max}");
}
