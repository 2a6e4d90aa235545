using System.Globalization;
using System.Text;
using System.Text.Json;
using Gyre.Primitives;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Gyre.Tracking.Transfer;

/// <summary>
/// The files of MLflow's file store: a <c>meta.yaml</c> per thing, and a folder with one file per key whose slashes are
/// folders below it.
/// </summary>
internal static class MlrunsFiles
{
    public const string Meta = "meta.yaml";

    /// <summary>The scalars of a <c>meta.yaml</c>; null where it is absent.</summary>
    /// <exception cref="GyreException">It is no YAML.</exception>
    public static Dictionary<string, string?>? ReadMeta(string folder) => Root(folder) is not { } root
        ? null
        : root.Children.Where(pair => pair.Value is YamlScalarNode)
            .ToDictionary(pair => Text(pair.Key) ?? "", pair => Text(pair.Value), StringComparer.Ordinal);

    /// <summary>A mapping within a <c>meta.yaml</c>, such as the tags of an input.</summary>
    public static IEnumerable<KeyValuePair<string, string>> ReadMapping(string folder, string name) =>
        Root(folder)?.Children.FirstOrDefault(pair => Text(pair.Key) == name).Value is YamlMappingNode mapping
            ? mapping.Children.Select(pair => KeyValuePair.Create(Text(pair.Key) ?? "", Text(pair.Value) ?? ""))
            : [];

    /// <summary>The files of a folder by key, in their order.</summary>
    public static IEnumerable<(string Key, string Path)> Keys(string folder) => !Directory.Exists(folder)
        ? []
        : Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Select(path => (Key: Path.GetRelativePath(folder, path).Replace('\\', '/'), Path: path))
            .OrderBy(file => file.Key, StringComparer.Ordinal);

    /// <summary>Keys and values of a folder.</summary>
    public static List<KeyValuePair<string, string>> ReadValues(string folder) =>
        [.. Keys(folder).Select(file => KeyValuePair.Create(file.Key, File.ReadAllText(file.Path)))];

    /// <summary>Writes a <c>meta.yaml</c>, whose values are texts, numbers, null, lists or mappings of texts.</summary>
    public static void WriteMeta(string folder, params (string Name, object? Value)[] values)
    {
        Directory.CreateDirectory(folder);
        // JSON's scalars, lists and objects are YAML's too.
        var text = new StringBuilder();
        foreach (var (name, value) in values.OrderBy(pair => pair.Name, StringComparer.Ordinal))
            text.Append(name).Append(": ").Append(JsonSerializer.Serialize(value)).Append('\n');
        File.WriteAllText(Path.Combine(folder, Meta), text.ToString());
    }

    /// <summary>Writes one file per key.</summary>
    public static void WriteValues(string folder, IEnumerable<(string Key, string Value)> values)
    {
        foreach (var (key, value) in values)
        {
            var path = PathOf(folder, key);
            Directory.CreateDirectory(Path.GetDirectoryName(path) ?? folder);
            File.WriteAllText(path, value);
        }
    }

    /// <summary>The file of a key.</summary>
    /// <exception cref="GyreException">The key would lead out of the folder or cannot be a file's name.</exception>
    public static string PathOf(string folder, string key) =>
        key.Length == 0 || key.Contains('\0') || key.Split('/').Any(part => part is "" or "." or "..")
            ? throw GyreException.Invalid(
                $"{folder}: '{key}' cannot be the name of a file; a file store cannot hold it")
            : Path.Combine([folder, .. key.Split('/')]);

    public static string Number(double value) =>
        double.IsNaN(value) ? "nan" : value.ToString("R", CultureInfo.InvariantCulture);

    /// <summary>A number as Python writes it; null when it is none.</summary>
    public static double? ReadNumber(string text) => text.TrimStart('+', '-').ToLowerInvariant() switch
    {
        "nan" => double.NaN,
        "inf" or "infinity" => text.StartsWith('-') ? double.NegativeInfinity : double.PositiveInfinity,
        _ => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value : null,
    };

    private static YamlMappingNode? Root(string folder)
    {
        var path = Path.Combine(folder, Meta);
        if (!File.Exists(path)) return null;
        try
        {
            using var reader = new StreamReader(path);
            var stream = new YamlStream();
            stream.Load(reader);
            return stream.Documents.Count > 0 && stream.Documents[0].RootNode is YamlMappingNode root
                ? root
                : throw GyreException.Invalid($"{path}: there are no names with values in it");
        }
        catch (YamlException ex)
        {
            throw GyreException.Invalid($"{path}, line {ex.Start.Line}: {ex.Message}", ex);
        }
    }

    private static string? Text(YamlNode node) => node is not YamlScalarNode scalar
        ? null
        : scalar.Style == ScalarStyle.Plain && scalar.Value is null or "" or "~" or "null" ? null : scalar.Value;
}
