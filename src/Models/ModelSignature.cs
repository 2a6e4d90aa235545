using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gyre.Models.Export;
using Gyre.Tabular;

namespace Gyre.Models;

/// <summary>What a model takes and gives, in MLflow's terms. Immutable.</summary>
/// <param name="Inputs">The columns it reads.</param>
/// <param name="Outputs">The tensors it returns.</param>
public sealed record ModelSignature(ImmutableArray<SignatureColumn> Inputs, ImmutableArray<SignatureTensor> Outputs)
{
    /// <summary>The inputs as MLflow writes them: a JSON list of column specifications.</summary>
    public string InputsJson => JsonSerializer.Serialize(
        Inputs.Select(c => new JsonObject { ["type"] = c.Type, ["name"] = c.Name, ["required"] = c.Required }));

    /// <summary>The outputs as MLflow writes them: a JSON list of tensor specifications.</summary>
    public string OutputsJson => JsonSerializer.Serialize(Outputs.Select(t => new JsonObject
    {
        ["type"] = "tensor",
        ["name"] = t.Name,
        ["tensor-spec"] = new JsonObject
        {
            ["dtype"] = t.DataType,
            ["shape"] = new JsonArray([.. t.Shape.Select(d => JsonValue.Create(d))]),
        },
    }));

    /// <summary>The signature of a graph that <see cref="OnnxExporter"/> writes.</summary>
    internal static ModelSignature Of(ModelProperties model) => new(
        [.. model.Inputs.Select(c => new SignatureColumn(c.Name, TypeOf(c), !c.Nullable))],
        model switch
        {
            { Recommender: { } recommender } => Of(recommender),
            { Task: TaskKind.Regression } => [new SignatureTensor(OutputWriter.Prediction, "float32", [-1, 1])],
            _ =>
            [
                new SignatureTensor(OutputWriter.Label, LabelType(model.TargetType), [-1]),
                new SignatureTensor(OutputWriter.Probabilities, "float32", [-1, model.Classes.Length]),
            ],
        });

    private static ImmutableArray<SignatureTensor> Of(RecommenderProperties recommender)
    {
        ImmutableArray<SignatureTensor> lists =
        [
            new SignatureTensor(RecommenderExport.Items, "object", [-1, recommender.Top]),
            new SignatureTensor(RecommenderExport.Scores, "float32", [-1, recommender.Top]),
        ];
        return recommender.Ratings
            ? lists.Add(new SignatureTensor(OutputWriter.Prediction, "float32", [-1, 1])) : lists;
    }

    // MLflow's integers cannot miss a value: what may be missing is a double, as in the graph.
    private static string TypeOf(ColumnDefinition column) => column.Type switch
    {
        ColumnType.Numeric => "double",
        ColumnType.Integer => column.Nullable ? "double" : "long",
        ColumnType.Boolean => column.Nullable ? "double" : "boolean",
        ColumnType.Timestamp => "datetime",
        ColumnType.Image => "binary",
        _ => "string",
    };

    private static string LabelType(ColumnType target) => target switch
    {
        ColumnType.Integer => "int64",
        ColumnType.Boolean => "bool",
        _ => "object",
    };
}

/// <summary>An input column.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">MLflow's type: double, long, boolean, string or datetime.</param>
/// <param name="Required">Whether every row must have a value.</param>
public sealed record SignatureColumn(string Name, string Type, bool Required);

/// <summary>An output tensor.</summary>
/// <param name="Name">Its name.</param>
/// <param name="DataType">NumPy's type: float32, int64, bool or object (strings).</param>
/// <param name="Shape">Its dimensions; -1 is the number of rows.</param>
public sealed record SignatureTensor(string Name, string DataType, ImmutableArray<long> Shape);
