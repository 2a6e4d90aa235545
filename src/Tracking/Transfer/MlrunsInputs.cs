using System.Data.Common;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Gyre.Tracking.Search;
using Gyre.Tracking.Storage;

namespace Gyre.Tracking.Transfer;

/// <summary>What a run of a file store read and made: datasets and logged models.</summary>
internal sealed class MlrunsInputs
{
    private readonly List<(string InputId, string DatasetId, DatasetInputRecord Dataset)> _datasets = [];
    private readonly List<(string Id, bool IsOutput, string Model, long Step)> _models = [];
    private readonly string _run;

    public MlrunsInputs(string experiment, string path, string run)
    {
        _run = run;
        foreach (var folder in Folders(Path.Combine(path, "inputs"))) Read(experiment, folder, isOutput: false);
        foreach (var folder in Folders(Path.Combine(path, "outputs"))) Read(experiment, folder, isOutput: true);
    }

    public void Put(DbConnection connection, long experiment)
    {
        foreach (var (input, dataset, record) in _datasets)
            DatasetRows.Link(connection, _run, record, DatasetId(experiment, dataset), input);
        foreach (var (id, isOutput, model, step) in _models)
        {
            connection.Put("inputs",
                ("input_uuid", id), ("source_type", isOutput ? "RUN_OUTPUT" : "RUN_INPUT"), ("source_id", _run),
                ("destination_type", isOutput ? "MODEL_OUTPUT" : "MODEL_INPUT"), ("destination_id", model), ("step",
                    step));
        }
    }

    /// <summary>The file store's id tells a dataset apart within its experiment only.</summary>
    private static string DatasetId(long experiment, string dataset) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{experiment}/{dataset}")))[..32];

    private static string[] Folders(string path) =>
        Directory.Exists(path) ? [.. Directory.GetDirectories(path).Order(StringComparer.Ordinal)] : [];

    private void Read(string experiment, string folder, bool isOutput)
    {
        if (MlrunsFiles.ReadMeta(folder) is not { } meta) return;
        var (source, destination) = (meta.GetValueOrDefault("source_id") ?? "",
            meta.GetValueOrDefault("destination_id") ?? "");
        var model = new[] { destination, source }.FirstOrDefault(id => id.StartsWith("m-", StringComparison.Ordinal));
        if (model is not null)
        {
            var step = long.TryParse(meta.GetValueOrDefault("step"), CultureInfo.InvariantCulture,
                out var value) ? value : 0;
            _models.Add((Path.GetFileName(folder), isOutput, model, step));
            return;
        }

        if (source.Length == 0 || source.Contains('/') || MlrunsFiles.ReadMeta(Path.Combine(experiment, "datasets",
            source)) is not { } dataset) return;
        var record = new DatasetInputRecord(
            dataset.GetValueOrDefault("name") ?? "", dataset.GetValueOrDefault("digest") ?? "",
            dataset.GetValueOrDefault("source_type") ?? "", dataset.GetValueOrDefault("source") ?? "",
            dataset.GetValueOrDefault("schema"), dataset.GetValueOrDefault("profile"));
        record.Tags.AddRange(MlrunsFiles.ReadMapping(folder, "tags"));
        _datasets.Add((Path.GetFileName(folder), source, record));
    }
}
