using System.Collections.Immutable;
using System.Text.Json;
using Gyre.Primitives;
using Gyre.Tabular;

namespace Gyre.Models;

/// <summary>
/// A signature as MLflow writes it, of columns or of tensors. Types of tensors are the graph's, as for MLflow, which
/// converts; shapes narrow the graph's.
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
    public ImmutableArray<TensorSpec> NarrowInputs(ImmutableArray<TensorSpec> graph) => Narrow(graph, _inputs);

    /// <summary>The graph's outputs with the signature's dimensions where the graph leaves them free.</summary>
    /// <exception cref="GyreException">They contradict each other.</exception>
    public ImmutableArray<TensorSpec> NarrowOutputs(ImmutableArray<TensorSpec> graph) => Narrow(graph, _outputs);

    private static (Schema? Columns, ImmutableArray<Shaped> Tensors) ReadList(string? inputs, string place)
    {
        if (inputs is null) return (null, []);
        using var list = JsonDocument.Parse(inputs);
        var isColumns = list.RootElement.GetArrayLength() > 0
            && list.RootElement[0].TryGetProperty("type", out var type) && type.GetString() != "tensor";
        if (!isColumns) return (null, Tensors(inputs));
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
        return new ColumnDefinition(name ?? index.ToString(System.Globalization.CultureInfo.InvariantCulture), kind, nullable);
    }

    private ImmutableArray<TensorSpec> Narrow(ImmutableArray<TensorSpec> graph, ImmutableArray<Shaped> shapes)
    {
        if (shapes.IsEmpty) return graph;
        var narrowed = graph.ToBuilder();
        foreach (var shape in shapes)
        {
            // A signature made from one array has no names.
            var at = shape.Name is null ? (graph.Length == 1 ? 0 : -1) : IndexOf(graph, shape.Name);
            if (at < 0 && shape.Name is null) continue;
            if (at < 0) throw GyreException.Invalid($"{_place}: the graph has no '{shape.Name}', which the signature names.");
            narrowed[at] = graph[at] with { Shape = Narrow(graph[at], shape.Dimensions) };
        }

        return narrowed.MoveToImmutable();
    }

    private ImmutableArray<long> Narrow(TensorSpec tensor, ImmutableArray<long> shape)
    {
        var fits = tensor.Shape.Length == shape.Length
            && tensor.Shape.Zip(shape).All(pair => pair.First < 0 || pair.Second < 0 || pair.First == pair.Second);
        return fits
            ? [.. tensor.Shape.Zip(shape, Math.Max)]
            : throw GyreException.Invalid(
                $"{_place}: '{tensor.Name}' is [{string.Join(", ", tensor.Shape)}] in the graph, but [{string.Join(", ", shape)}] in the signature.");
    }

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
