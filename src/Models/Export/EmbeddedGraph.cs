using Gyre.Models.Graph;
using Gyre.Primitives;
using Gyre.Tabular;
using Onnx;
using Kind = Onnx.TensorProto.Types.DataType;

namespace Gyre.Models.Export;

/// <summary>Copies a foreign graph over an image into one of ours, its names prefixed.</summary>
internal static class EmbeddedGraph
{
    private const long OldestOpset = 13;
    private const long NewestOpset = 21;

    /// <summary>The value asked for. Pixels reach a float input as 0 to 1; height, width and channels as its shape says.</summary>
    /// <exception cref="GyreException">The graph has not one image input, no such value, or parts that cannot be copied.</exception>
    public static string Write(GraphBuilder graph, ModelProto model, string image, ImageShape shape, string? output)
    {
        if (model.Graph is not { } foreign) throw GyreException.Invalid("it holds no graph");
        RequireOpset(graph, model);
        var constants = foreign.Initializer.Select(i => i.Name).ToHashSet(StringComparer.Ordinal);
        var inputs = foreign.Input.Where(i => !constants.Contains(i.Name)).ToArray();
        if (inputs.Length != 1) throw GyreException.Invalid($"it has {inputs.Length} inputs; one image is needed");
        if (foreign.Initializer.Any(i => i.DataLocation == TensorProto.Types.DataLocation.External))
            throw GyreException.Invalid("its weights lie in another file; save it as one");
        var value = output ?? foreign.Output.FirstOrDefault()?.Name ?? "";
        if (!foreign.Node.Any(n => n.Output.Contains(value))) throw GyreException.Invalid($"its graph has no value '{value}'");
        var prefix = graph.FreePrefix("frozen");
        var names = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            [""] = "", [inputs[0].Name] = Input(graph, inputs[0], image, shape),
        };
        foreach (var constant in foreign.Initializer)
        {
            names[constant.Name] = prefix + constant.Name;
            graph.Add(new TensorProto(constant) { Name = prefix + constant.Name });
        }

        foreach (var node in foreign.Node) graph.Add(Copy(node, names, prefix));
        return names[value];
    }

    private static NodeProto Copy(NodeProto node, Dictionary<string, string> names, string prefix)
    {
        if (node.Domain is not ("" or GraphBuilder.MlDomain))
            throw GyreException.Invalid($"its operator {node.OpType} is of '{node.Domain}'; only standard operators can be exported");
        if (node.Attribute.Any(a => a.G is not null || a.Graphs.Count > 0))
            throw GyreException.Invalid($"its operator {node.OpType} has a graph within; it cannot be copied");
        var copy = new NodeProto(node) { Name = "" };
        for (var i = 0; i < copy.Input.Count; i++)
        {
            copy.Input[i] = names.TryGetValue(copy.Input[i], out var known)
                ? known : throw GyreException.Invalid($"its graph has no value '{copy.Input[i]}'");
        }

        for (var i = 0; i < copy.Output.Count; i++)
        {
            if (copy.Output[i].Length == 0) continue;
            names[copy.Output[i]] = prefix + copy.Output[i];
            copy.Output[i] = prefix + copy.Output[i];
        }

        return copy;
    }

    private static string Input(GraphBuilder graph, ValueInfoProto input, string image, ImageShape shape)
    {
        var type = input.Type?.TensorType;
        var kind = (Kind)(type?.ElemType ?? 0);
        var sizes = type?.Shape?.Dim.Select(d => d.DimValue).ToArray() ?? [];
        if (sizes.Length != 4 || kind is not (Kind.Uint8 or Kind.Float))
            throw GyreException.Invalid($"its input '{input.Name}' is no image: a tensor of four dimensions, uint8 or float");
        var last = Fits(sizes, 1, shape.Height) && Fits(sizes, 2, shape.Width) && Fits(sizes, 3, shape.Channels);
        var first = Fits(sizes, 1, shape.Channels) && Fits(sizes, 2, shape.Height) && Fits(sizes, 3, shape.Width);
        // Where nothing is said, images of floats have their channels first, as most frameworks save them.
        if (last && first) last = kind == Kind.Uint8 || sizes[3] != 0;
        if (!last && !first)
            throw GyreException.Invalid($"its input takes [{string.Join(", ", sizes)}]; the images are {shape}");
        var value = image;
        if (kind == Kind.Float)
            value = graph.Node("Div", [graph.Cast(image, Kind.Float), graph.Constant(Constants.Of([255f], 1, 1, 1, 1))]);
        return last ? value : graph.Node("Transpose", [value], NodeAttribute.Of("perm", [0L, 3L, 1L, 2L]));
    }

    private static bool Fits(long[] sizes, int dimension, int size) => sizes[dimension] == 0 || sizes[dimension] == size;

    private static void RequireOpset(GraphBuilder graph, ModelProto model)
    {
        var version = model.OpsetImport.FirstOrDefault(o => o.Domain is "" or "ai.onnx")?.Version ?? 0;
        if (version is < OldestOpset or > NewestOpset)
            throw GyreException.Invalid($"its operators are of set {version}; {OldestOpset} to {NewestOpset} can be exported");
        graph.RequireOpset(version);
    }
}
