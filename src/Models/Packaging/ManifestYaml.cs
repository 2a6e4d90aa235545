using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Gyre.Models.Export;
using Gyre.Primitives;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Gyre.Models.Packaging;

/// <summary>The `MLmodel` file, as MLflow writes it.</summary>
internal static class ManifestYaml
{
    private const string TimeFormat = "yyyy-MM-dd HH:mm:ss.ffffff";

    public static string Write(ModelPackageContent content, ModelScorer scorer, bool hasExample)
    {
        var root = new YamlMappingNode
        {
            { "artifact_path", "model" },
            { "flavors", Flavors() },
            { "model_size_bytes", Plain(content.Onnx.Length) },
            { "model_uuid", Text(content.ModelId) },
            { "run_id", Text(content.RunId) },
        };
        if (content.Metadata.Count > 0)
        {
            var metadata = new YamlMappingNode();
            foreach (var (key, value) in content.Metadata) metadata.Add(Text(key), Text(value));
            root.Add("metadata", metadata);
        }

        if (hasExample) root.Add("saved_input_example_info", Example());
        root.Add("signature", new YamlMappingNode
        {
            { "inputs", Text(scorer.Signature.InputsJson) },
            { "outputs", Text(scorer.Signature.OutputsJson) },
            { "params", Plain("null") },
        });
        root.Add("utc_time_created",
            Text(content.CreatedAt.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture)));
        using var writer = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        new YamlStream(new YamlDocument(root)).Save(writer, assignAnchors: false);
        return writer.ToString().Replace("\n...\n", "\n", StringComparison.Ordinal);
    }

    public static ModelPackageManifest Read(string yaml, string folder)
    {
        try
        {
            var stream = new YamlStream();
            stream.Load(new StringReader(yaml));
            var root = (YamlMappingNode)stream.Documents[0].RootNode;
            var signature = (YamlMappingNode)root["signature"];
            return new ModelPackageManifest(
                folder,
                Scalar(root, "model_uuid"),
                Scalar(root, "run_id"),
                DateTimeOffset.Parse(
                    Scalar(root, "utc_time_created"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal),
                SignatureJson.Read(Scalar(signature, "inputs"), Scalar(signature, "outputs")),
                long.Parse(Scalar(root, "model_size_bytes"), CultureInfo.InvariantCulture),
                Metadata(root));
        }
        catch (Exception error) when (error is YamlException or KeyNotFoundException or InvalidCastException
            or FormatException or JsonException or ArgumentOutOfRangeException or InvalidOperationException)
        {
            throw GyreException.Invalid(
                $"{Path.Combine(folder, ModelPackage.ManifestFile)}: no manifest of Gyre's ({error.Message})", error);
        }
    }

    private static YamlMappingNode Flavors() => new()
    {
        {
            "onnx", new YamlMappingNode
            {
                { "code", Plain("null") },
                { "data", ModelPackage.ModelFile },
                { "onnx_version", Text("1.12.0") },
                { "providers", new YamlSequenceNode("CPUExecutionProvider") },
                { "save_as_external_data", Plain("false") },
            }
        },
        {
            "python_function", new YamlMappingNode
            {
                { "data", ModelPackage.ModelFile },
                { "env", new YamlMappingNode { { "virtualenv", "python_env.yaml" } } },
                { "loader_module", "mlflow.onnx" },
                { "python_version", Text("3.10") },
            }
        },
        {
            "gyre", new YamlMappingNode
            {
                { "data", ModelPackage.ModelFile },
                { "gyre_version", Text(ModelProperties.ProducerVersion) },
            }
        },
    };

    private static YamlMappingNode Example() => new()
    {
        { "artifact_path", InputExample.FileName },
        { "pandas_orient", "split" },
        { "serving_input_path", InputExample.ServingFileName },
        { "type", "dataframe" },
    };

    private static ImmutableSortedDictionary<string, string> Metadata(YamlMappingNode root) =>
        root.Children.TryGetValue("metadata", out var node) && node is YamlMappingNode metadata
            ? metadata.Children.ToImmutableSortedDictionary(
                p => ((YamlScalarNode)p.Key).Value ?? "", p => ((YamlScalarNode)p.Value).Value ?? "",
                StringComparer.Ordinal)
            : ImmutableSortedDictionary<string, string>.Empty;

    private static string Scalar(YamlMappingNode node, string key) => ((YamlScalarNode)node[key]).Value ?? "";

    // Quoted, so that an id of digits or a time stays text for every reader.
    private static YamlScalarNode Text(string value) => new(value) { Style = ScalarStyle.SingleQuoted };

    private static YamlScalarNode Plain(IFormattable value) => new(value.ToString(null, CultureInfo.InvariantCulture));

    private static YamlScalarNode Plain(string value) => new(value) { Style = ScalarStyle.Plain };
}
