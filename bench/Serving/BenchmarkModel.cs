using System.Text.Json;
using Gyre.Bench.Comparison;
using Gyre.Models;
using Gyre.Primitives;
using Gyre.Tabular;
using Gyre.Tracking;
using Gyre.Training;
using Gyre.Training.Boosting;
using Gyre.Training.Neural;

namespace Gyre.Bench.Serving;

/// <summary>
/// The model that is served: 100 boosted trees of depth 6 on adult, 14 raw columns, four of five rows of the set.
/// </summary>
internal sealed class BenchmarkModel
{
    private const string DataFolder = "../shared/data";

    private readonly byte[] _onnx;
    private readonly Table _rows;

    private BenchmarkModel(string name, byte[] onnx, Table rows) => (Name, _onnx, _rows) = (name, onnx, rows);

    /// <summary>The data set, and the name under which it is served.</summary>
    public string Name { get; }

    /// <summary>The test rows without the target.</summary>
    public Table Rows => _rows;

    /// <summary>The graph.</summary>
    public byte[] Onnx => _onnx;

    /// <summary>Trains it.</summary>
    /// <exception cref="GyreException">The data set is absent.</exception>
    public static BenchmarkModel Train(int rounds = 100, string name = "adult")
    {
        var set = ComparisonSet.Named(name);
        if (!File.Exists(Path.Combine(DataFolder, set.File)))
            throw GyreException.Invalid($"{DataFolder}/{set.File}: the data set is absent.");
        var (train, test) = set.Load(DataFolder);
        var trainer = new BoostingTrainer(new BoostingOptions
        {
            Rounds = rounds, LearningRate = 0.1, MaxDepth = 6, MaxLeaves = 64, Growth = TreeGrowth.Depth, EarlyStoppingRounds = 0,
        });
        var pipeline = trainer.Train(train, null, new TrainingContext(1));
        var rows = test.Features;
        return new BenchmarkModel(name, OnnxExporter.Export(pipeline, [], rows.Schema), rows);
    }

    /// <summary>
    /// A network of two hidden layers of 2,048, hardly trained: to serve it costs much more than to read a request.
    /// </summary>
    /// <exception cref="GyreException">The data set is absent.</exception>
    public static BenchmarkModel TrainHeavy()
    {
        var set = ComparisonSet.Named("adult");
        var (train, test) = set.Load(DataFolder);
        var few = train.Take(Enumerable.Range(0, 512).ToArray());
        var trainer = new MlpTrainer(new MlpOptions { Hidden = [2048, 2048], Epochs = 1 });
        var pipeline = trainer.Train(few, null, new TrainingContext(1));
        var rows = test.Features;
        return new BenchmarkModel("heavy", OnnxExporter.Export(pipeline, [], rows.Schema), rows);
    }

    /// <summary>Registers it as the newest version of its model in a workspace, and makes that the champion.</summary>
    public async Task RegisterAsync(string workspace)
    {
        var name = Name;
        var folder = Path.Combine(workspace, ".gyre", "artifacts", Path.GetRandomFileName());
        Directory.CreateDirectory(folder);
        await File.WriteAllBytesAsync(Path.Combine(folder, "model.onnx"), _onnx);
        using var database = TrackingDatabase.Open(Path.Combine(workspace, ".gyre", "gyre.db"));
        var registry = new ModelRegistry(
            database, new ArtifactStore(Path.Combine(workspace, ".gyre", "artifacts")), TimeProvider.System);
        var version = await registry.CreateVersionAsync(name, folder, runId: null);
        await registry.SetAliasAsync(name, ModelAliases.Champion, version.Version);
    }

    /// <summary>One row as an Open Inference Protocol request, one tensor a column.</summary>
    public string InferenceBody(int row)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteStartArray("inputs");
            foreach (var column in _rows.Columns.Where(column => !column.IsMissing(row)))
                WriteTensor(json, column, row);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return System.Text.Encoding.UTF8.GetString(buffer.ToArray());
    }

    /// <summary>One row as a JSON object, column to value.</summary>
    public string RowObject(int row) => JsonSerializer.Serialize(
        _rows.Columns.Where(column => !column.IsMissing(row)).ToDictionary(column => column.Name, column => column.ValueAt(row)));

    /// <summary>A row in which nothing is missing.</summary>
    public int WholeRow => Enumerable.Range(0, _rows.RowCount).First(row => !_rows.Columns.Any(c => c.IsMissing(row)));

    private static void WriteTensor(Utf8JsonWriter json, Column column, int row)
    {
        json.WriteStartObject();
        json.WriteString("name", column.Name);
        json.WriteString("datatype", column switch
        {
            Column<double> => "FP64",
            Column<long> => "INT64",
            Column<bool> => "BOOL",
            _ => "BYTES",
        });
        json.WriteStartArray("shape");
        json.WriteNumberValue(1);
        json.WriteNumberValue(1);
        json.WriteEndArray();
        json.WriteStartArray("data");
        JsonSerializer.Serialize(json, column.ValueAt(row));
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
