using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Gyre.Primitives;
using Gyre.Tabular;

namespace Gyre.Models;

/// <summary>
/// A signature as MLflow writes it, of columns or of tensors. Types of tensors are the graph's, as for MLflow, which
/// converts; shapes narrow the graph's. Columns that hold arrays are tensors as well. What it says of outputs is a
/// description only: MLflow makes it from any predictions, and never holds a model to it.
/// </summary>
internal sealed class GraphSignature
{
    private readonly ImmutableArray<Shaped> _inputs;
    private readonly ImmutableArray<Shaped> _outputs;
    private readonly string _place;

    private GraphSignature(
        Schema? columns, ImmutableArray<Shaped> inputs, ImmutableArray<Shaped> outputs, string place) =>
        (Columns, _inputs, _outputs, _place) = (columns, inputs, outputs, place);

    /// <summary>The columns; null when the inputs are tensors.</summary>
    public Schema? Columns { get; }

    /// <summary>Reads a signature.</summary>
    /// <param name="inputs">A JSON list, or null.</param>
    /// <param name="outputs">A JSON list, or null.</param>
    /// <param name="place">The file, for messages.</param>
    public static GraphSignature Read(string? inputs, string? outputs, string place)
    {
        var (columns, tensors) = ReadList(inputs, place);
        // Columns of outputs say nothing that the graph does not say better.
        var results = outputs is null ? [] : Tensors(outputs);
        return new GraphSignature(columns, tensors, results, place);
    }

    /// <summary>The graph's inputs with the signature's dimensions where the graph leaves them free.</summary>
    /// <exception cref="GyreException">They contradict each other.</exception>
    public ImmutableArray<TensorSpec> NarrowInputs(ImmutableArray<TensorSpec> graph)
    {
        foreach (var named in _inputs.Where(shape => shape.Name is not null && IndexOf(graph, shape.Name) < 0))
        {
            throw GyreException.Invalid(
                $"{_place}: the graph has no '{named.Name}', which the signature names. "
                + $"It has {string.Join(", ", graph.Select(tensor => $"'{tensor.Name}'"))}.");
        }

        return [.. graph.Select(tensor => Find(graph, _inputs, tensor) switch
        {
            { } shape when !Fits(tensor, shape.Dimensions) => throw GyreException.Invalid(
                $"{_place}: '{tensor.Name}' is [{string.Join(", ", tensor.Shape)}] in the graph, "
                + $"but [{string.Join(", ", shape.Dimensions)}] in the signature."),
            { } shape => Narrow(tensor, shape.Dimensions),
            null => tensor,
        })];
    }

    /// <summary>The graph's outputs with the signature's dimensions where the graph leaves them free.</summary>
    public ImmutableArray<TensorSpec> NarrowOutputs(ImmutableArray<TensorSpec> graph) =>
        [.. graph.Select(tensor => Find(graph, _outputs, tensor) is { } shape && Fits(tensor, shape.Dimensions)
            ? Narrow(tensor, shape.Dimensions) : tensor)];

    private static (Schema? Columns, ImmutableArray<Shaped> Tensors) ReadList(string? inputs, string place)
    {
        if (inputs is null) return (null, []);
        using var list = JsonDocument.Parse(inputs);
        var isColumns = list.RootElement.GetArrayLength() > 0
            && list.RootElement[0].TryGetProperty("type", out var type) && type.GetString() != "tensor";
        if (!isColumns) return (null, Tensors(inputs));
        if (list.RootElement.EnumerateArray().Any(c => c.GetProperty("type").GetString() is "array")) return (null, []);
        return (new Schema(list.RootElement.EnumerateArray().Select((column, i) => Column(column, i, place))), []);
    }

    private static ImmutableArray<Shaped> Tensors(string json)
    {
        using var list = JsonDocument.Parse(json);
        return
        [
            .. from item in list.RootElement.EnumerateArray()
               where item.TryGetProperty("tensor-spec", out _)
               select new Shaped(
                   item.TryGetProperty("name", out var name) ? name.GetString() : null,
                   [.. item.GetProperty("tensor-spec").GetProperty("shape").EnumerateArray().Select(d => d.GetInt64())]),
        ];
    }

    private static ColumnDefinition Column(JsonElement column, int index, string place)
    {
        var name = column.TryGetProperty("name", out var named) ? named.GetString() : null;
        var type = column.GetProperty("type").GetString();
        var optional = column.TryGetProperty("required", out var required) && !required.GetBoolean();
        var (kind, nullable) = type switch
        {
            "double" or "float" => (ColumnType.Numeric, true), // NaN, as in pandas
            "integer" or "long" => (ColumnType.Integer, optional),
            "boolean" => (ColumnType.Boolean, optional),
            "string" => (ColumnType.Categorical, optional),
            _ => throw GyreException.Invalid(
                $"{place}: column '{name}' of the signature is of type {type}, which no tensor of ONNX holds."),
        };
        return new ColumnDefinition(name ?? index.ToString(CultureInfo.InvariantCulture), kind, nullable);
    }

    // A signature made from one array has no names.
    private static Shaped? Find(
        ImmutableArray<TensorSpec> graph, ImmutableArray<Shaped> shapes, TensorSpec tensor)
    {
        foreach (var shape in shapes)
        {
            if (shape.Name == tensor.Name || (shape.Name is null && graph.Length == 1)) return shape;
        }

        return null;
    }

    private static bool Fits(TensorSpec tensor, ImmutableArray<long> shape) => tensor.Shape.Length == shape.Length
        && tensor.Shape.Zip(shape).All(pair => pair.First < 0 || pair.Second < 0 || pair.First == pair.Second);

    private static TensorSpec Narrow(TensorSpec tensor, ImmutableArray<long> shape) =>
        tensor with { Shape = [.. tensor.Shape.Zip(shape, Math.Max)] };

    private static int IndexOf(ImmutableArray<TensorSpec> graph, string name)
    {
        for (var i = 0; i < graph.Length; i++)
        {
            if (graph[i].Name == name) return i;
        }

        return -1;
    }

    private readonly record struct Shaped(string? Name, ImmutableArray<long> Dimensions);
}
