using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Gyre.Primitives;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Gyre.Models;

/// <summary>
/// Where a graph lies and what stands beside it: an MLmodel of any maker, a config.json with id2label.
/// </summary>
/// <param name="ModelPath">The .onnx file.</param>
/// <param name="IsGyres">Whether its manifest says that Gyre wrote it.</param>
/// <param name="Signature">The signature in the manifest, or null.</param>
/// <param name="Labels">The classes' names, or none.</param>
internal sealed record GraphFolder(
    string ModelPath, bool IsGyres, GraphSignature? Signature, ImmutableArray<string> Labels)
{
    private const string LabelsKey = "id2label";

    /// <summary>Finds the graph.</summary>
    /// <exception cref="GyreException">There is none, or the files beside it cannot be read.</exception>
    public static GraphFolder Open(string folderOrFile)
    {
        if (!Directory.Exists(folderOrFile))
        {
            return File.Exists(folderOrFile)
                ? new GraphFolder(folderOrFile, false, null, LabelsBeside(Path.GetDirectoryName(folderOrFile) ?? ""))
                : throw GyreException.NotFound($"{folderOrFile}: there is no model.");
        }

        var manifest = Path.Combine(folderOrFile, ModelPackage.ManifestFile);
        return File.Exists(manifest)
            ? Read(manifest, () => OfManifest(folderOrFile, manifest))
            : new GraphFolder(OnlyGraph(folderOrFile), false, null, LabelsBeside(folderOrFile));
    }

    private static GraphFolder OfManifest(string folder, string manifest)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(File.ReadAllText(manifest)));
        var root = (YamlMappingNode)stream.Documents[0].RootNode;
        var flavors = Child(root, "flavors") as YamlMappingNode ?? [];
        if (Child(flavors, "onnx") is not YamlMappingNode onnx)
        {
            throw GyreException.Invalid(
                $"{manifest}: the model's flavors are {string.Join(", ", flavors.Children.Keys)}; only 'onnx' can be served.");
        }

        var file = (Child(onnx, "data") as YamlScalarNode)?.Value ?? ModelPackage.ModelFile;
        var path = Path.GetFullPath(Path.Combine(folder, file));
        if (!path.StartsWith(Path.GetFullPath(folder) + Path.DirectorySeparatorChar, StringComparison.Ordinal))
            throw GyreException.Invalid($"{manifest}: the graph '{file}' lies outside the model's folder.");
        var labels = Child(root, "metadata") is YamlMappingNode metadata ? ReadLabels(Child(metadata, LabelsKey)) : [];
        // Gyre's own packages are served by their own description, and their signatures know times, too.
        if (Child(flavors, "gyre") is not null) return new GraphFolder(path, true, null, labels);
        return new GraphFolder(path, false,
            Child(root, "signature") is YamlMappingNode signature
                ? GraphSignature.Read(Text(signature, "inputs"), Text(signature, "outputs"), manifest) : null,
            labels.IsEmpty ? LabelsBeside(folder) : labels);
    }

    private static string OnlyGraph(string folder)
    {
        var usual = Path.Combine(folder, ModelPackage.ModelFile);
        if (File.Exists(usual)) return usual;
        var graphs = Directory.GetFiles(folder, "*.onnx");
        return graphs.Length == 1
            ? graphs[0]
            : throw GyreException.NotFound($"{folder}: there is no MLmodel, and {graphs.Length} files named *.onnx.");
    }

    private static ImmutableArray<string> LabelsBeside(string folder)
    {
        var path = Path.Combine(folder, "config.json");
        if (!File.Exists(path)) return [];
        return Read(path, () =>
        {
            using var config = JsonDocument.Parse(File.ReadAllBytes(path));
            return config.RootElement.ValueKind is JsonValueKind.Object
                && config.RootElement.TryGetProperty(LabelsKey, out var labels) ? ReadLabels(labels) : [];
        });
    }

    // MLflow keeps metadata as YAML, where tools that know only text put JSON.
    private static ImmutableArray<string> ReadLabels(YamlNode? node)
    {
        if (node is YamlMappingNode map)
            return InOrder(map.Children.Select(pair => (pair.Key.ToString(), pair.Value.ToString())));
        if (node is not YamlScalarNode { Value: { Length: > 0 } text }) return [];
        using var json = JsonDocument.Parse(text);
        return ReadLabels(json.RootElement);
    }

    private static ImmutableArray<string> ReadLabels(JsonElement labels) => labels.ValueKind is JsonValueKind.Array
        ? [.. labels.EnumerateArray().Select(label => label.ToString())]
        : InOrder(labels.EnumerateObject().Select(label => (label.Name, label.Value.ToString())));

    private static ImmutableArray<string> InOrder(IEnumerable<(string Id, string Label)> labels)
    {
        var ordered = labels.Select(l => (Id: int.Parse(l.Id, CultureInfo.InvariantCulture), l.Label)).Order().ToArray();
        for (var i = 0; i < ordered.Length; i++)
        {
            if (ordered[i].Id != i) throw new FormatException($"{LabelsKey} does not count from 0 without gaps");
        }

        return [.. ordered.Select(l => l.Label)];
    }

    private static YamlNode? Child(YamlMappingNode node, string key) =>
        node.Children.TryGetValue(new YamlScalarNode(key), out var child) ? child : null;

    private static string? Text(YamlMappingNode node, string key) =>
        Child(node, key) is YamlScalarNode { Value: { } text } && text is not ("" or "null" or "~") ? text : null;

    private static T Read<T>(string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception error) when (error is YamlException or JsonException or FormatException or OverflowException
            or InvalidCastException or KeyNotFoundException or ArgumentOutOfRangeException or InvalidOperationException)
        {
            throw GyreException.Invalid($"{path}: cannot be read ({error.Message})", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new GyreException(ErrorCode.Unavailable, $"{path}: cannot be read ({error.Message})", error);
        }
    }
}
