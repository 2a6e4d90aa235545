using System.Collections.Immutable;
using Gyre.Models;
using Gyre.Training;

namespace Gyre.Loop.Pipeline;

/// <summary>Reads the section `features.transform` of `gyre.yaml`.</summary>
internal static class TransformReader
{
    public static ImmutableArray<TransformSettings> Read(YamlSection root, string workspace)
    {
        if (root.Section("features") is not { } features || features.Section("transform") is not { } section) return [];
        var known = features.Texts("use").Concat(features.Section("derive")?.Keys ?? []).ToHashSet(StringComparer.Ordinal);
        return [.. section.Keys.Select(name => Read(section, name, known, workspace))];
    }

    private static TransformSettings Read(YamlSection parent, string name, HashSet<string> known, string workspace)
    {
        if (known.Contains(name)) throw parent.Error(name, "a feature of that name exists");
        var section = parent.Section(name) ?? throw parent.Error(name, "is missing");
        if (section.Text("onnx") is { } file) return Frozen(section, name, known, Path.GetFullPath(file, Path.GetFullPath(workspace)));
        var (pca, clusters) = (section.Texts("pca"), section.Texts("kmeans"));
        if (pca.IsEmpty == clusters.IsEmpty) throw parent.Error(name, "expected `pca: [columns]`, `kmeans: [columns]` or `onnx: FILE`");
        foreach (var column in pca.Concat(clusters))
            if (!known.Contains(column)) throw section.Error(pca.IsEmpty ? "kmeans" : "pca", $"there is no feature '{column}'");
        var settings = pca.IsEmpty
            ? new TransformSettings(name, TransformKind.KMeans, clusters, section.Integer("clusters", 8, 2, 1000))
            {
                Distances = section.Flag("distances", false),
            }
            : new TransformSettings(
                name, TransformKind.Pca, pca, section.Integer("components", Math.Min(2, pca.Length), 1, pca.Length));
        section.Close();
        return settings;
    }

    private static TransformSettings Frozen(YamlSection section, string name, HashSet<string> known, string file)
    {
        var column = section.Required("from");
        if (!known.Contains(column)) throw section.Error("from", $"there is no feature '{column}'");
        var output = section.Text("output");
        section.Close();
        return new TransformSettings(name, TransformKind.Frozen, [column], 0) { Extractor = new OnnxExtractor(file, output) };
    }
}
