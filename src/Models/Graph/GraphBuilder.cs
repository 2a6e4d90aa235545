using Google.Protobuf;
using Onnx;

namespace Gyre.Models.Graph;

/// <summary>
/// Writes one ONNX graph, node by node. The same calls give the same bytes: names are counted, equal constants and
/// equal
/// nodes exist once, nothing depends on time or chance. Not thread-safe.
/// </summary>
internal sealed class GraphBuilder
{
    /// <summary>The standard operators' set: the runtimes since 2022 and the checker of onnx 1.12 know it.</summary>
    public const long DefaultOpset = 17;

    /// <summary>The classical ML operators' set: trees with double thresholds.</summary>
    public const long MlOpset = 3;

    /// <summary>The domain of <see cref="MlOpset"/>.</summary>
    public const string MlDomain = "ai.onnx.ml";

    /// <summary>The domain of the operators that ONNX Runtime adds to the standard's.</summary>
    public const string ContribDomain = "com.microsoft";

    private const long IrVersion = 8;

    private readonly GraphProto _graph = new() { Name = "gyre" };
    private readonly Dictionary<ByteString, string> _constants = [];
    private readonly Dictionary<ByteString, string> _nodes = [];
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly HashSet<string> _reserved;
    private readonly Dictionary<string, int> _prefixes = new(StringComparer.Ordinal);
    private long _opset = DefaultOpset;
    private int _count;

    /// <summary>Starts a graph.</summary>
    /// <param name="reserved">Names of inputs and outputs to come, which no inner value may take.</param>
    public GraphBuilder(IEnumerable<string> reserved) => _reserved = reserved.ToHashSet(StringComparer.Ordinal);

    /// <summary>Declares an input of shape [N, 1], or [N, …] with other dimensions.</summary>
    public string Input(string name, TensorProto.Types.DataType type, params ReadOnlySpan<int> dimensions)
    {
        if (!_names.Add(name)) throw new ArgumentException($"The graph has an input '{name}' already.", nameof(name));
        _graph.Input.Add(ValueInfo(name, type, dimensions.IsEmpty ? [1] : dimensions));
        return name;
    }

    /// <summary>Raises the standard operators' set for a node that older ones do not have.</summary>
    public void RequireOpset(long version) => _opset = Math.Max(_opset, version);

    /// <summary>Gives a value a public name. <paramref name="width"/> is the second dimension, 0 for none.</summary>
    public void Output(string value, string name, TensorProto.Types.DataType type, int width)
    {
        _graph.Node.Add(new NodeProto { OpType = "Identity", Input = { value }, Output = { name } });
        _graph.Output.Add(ValueInfo(name, type, width > 0 ? [width] : []));
    }

    /// <summary>Gives a value of unknown shape a public name.</summary>
    public void OutputOfAnyShape(string value, string name, TensorProto.Types.DataType type)
    {
        Output(value, name, type, 0);
        _graph.Output[^1].Type.TensorType.Shape = null;
    }

    /// <summary>The beginning of names that none has so far: <c>name/</c>, <c>name2/</c>, …</summary>
    public string FreePrefix(string name)
    {
        var number = _prefixes.GetValueOrDefault(name) + 1;
        _prefixes[name] = number;
        return number == 1 ? $"{name}/" : $"{name}{number}/";
    }

    /// <summary>Adds a node of another graph, whose names are free here.</summary>
    public void Add(NodeProto node) => _graph.Node.Add(node);

    /// <summary>Adds a constant of another graph, whose name is free here.</summary>
    public void Add(TensorProto constant) => _graph.Initializer.Add(constant);

    /// <summary>The only output of a node of the standard domain.</summary>
    public string Node(string op, ReadOnlySpan<string> inputs, params ReadOnlySpan<AttributeProto> attributes) =>
        Add("", op, inputs, attributes);

    /// <summary>The only output of a node of the classical ML domain.</summary>
    public string MlNode(string op, ReadOnlySpan<string> inputs, params ReadOnlySpan<AttributeProto> attributes) =>
        Add(MlDomain, op, inputs, attributes);

    /// <summary>The only output of a node of ONNX Runtime's own domain.</summary>
    public string ContribNode(string op, ReadOnlySpan<string> inputs, params ReadOnlySpan<AttributeProto> attributes) =>
        Add(ContribDomain, op, inputs, attributes);

    /// <summary>The value under a name of its own, unless an input, an output or another value has that name.</summary>
    public string Name(string value, string name)
    {
        if (_reserved.Contains(name) || !_names.Add(name)) return value;
        _graph.Node.Add(new NodeProto { OpType = "Identity", Input = { value }, Output = { name } });
        return name;
    }

    /// <summary>Both outputs of a node of the standard domain that has two.</summary>
    public (string First, string Second) NodePair(
        string op, ReadOnlySpan<string> inputs, params ReadOnlySpan<AttributeProto> attributes)
    {
        var first = Add("", op, inputs, attributes);
        var node = _graph.Node.First(n => n.Output[0] == first);
        if (node.Output.Count == 1) node.Output.Add(NextName(op));
        return (first, node.Output[1]);
    }

    /// <summary>The value converted to another type.</summary>
    public string Cast(string value, TensorProto.Types.DataType type) =>
        Node("Cast", [value], NodeAttribute.Of("to", (long)type));

    /// <summary>A constant tensor.</summary>
    public string Constant(TensorProto tensor)
    {
        var key = tensor.ToByteString();
        if (_constants.TryGetValue(key, out var name)) return name;
        name = NextName("const");
        _constants.Add(key, name);
        _graph.Initializer.Add(new TensorProto(tensor) { Name = name });
        return name;
    }

    /// <summary>The finished model.</summary>
    /// <param name="producerVersion">The product's version.</param>
    /// <param name="metadata">The model's own properties, in the order given.</param>
    public byte[] Build(string producerVersion, IEnumerable<KeyValuePair<string, string>> metadata)
    {
        RemoveUnusedNodes();
        var model = new ModelProto
        {
            IrVersion = IrVersion,
            ProducerName = "gyre",
            ProducerVersion = producerVersion,
            Graph = _graph,
            OpsetImport =
            {
                new OperatorSetIdProto { Domain = "", Version = _opset },
                new OperatorSetIdProto { Domain = MlDomain, Version = MlOpset },
            },
        };
        if (_graph.Node.Any(node => node.Domain == ContribDomain))
            model.OpsetImport.Add(new OperatorSetIdProto { Domain = ContribDomain, Version = 1 });
        foreach (var (key, value) in metadata)
            model.MetadataProps.Add(new StringStringEntryProto { Key = key, Value = value });
        return model.ToByteArray();
    }

    /// <summary>
    /// Masks and parts that nobody asked for in the end are left out, and constants that only they used.
    /// </summary>
    private void RemoveUnusedNodes()
    {
        var used = _graph.Output.Select(o => o.Name).ToHashSet(StringComparer.Ordinal);
        var kept = new List<NodeProto>();
        for (var i = _graph.Node.Count - 1; i >= 0; i--)
        {
            var node = _graph.Node[i];
            if (!node.Output.Any(used.Contains)) continue;
            used.UnionWith(node.Input);
            kept.Add(node);
        }

        kept.Reverse();
        _graph.Node.Clear();
        _graph.Node.Add(kept);
        var constants = _graph.Initializer.Where(c => used.Contains(c.Name)).ToArray();
        _graph.Initializer.Clear();
        _graph.Initializer.Add(constants);
    }

    private string Add(string domain, string op, ReadOnlySpan<string> inputs, ReadOnlySpan<AttributeProto> attributes)
    {
        var node = new NodeProto { OpType = op };
        if (domain.Length > 0) node.Domain = domain;
        foreach (var input in inputs) node.Input.Add(input);
        foreach (var attribute in attributes) node.Attribute.Add(attribute);
        var key = node.ToByteString();
        if (_nodes.TryGetValue(key, out var existing)) return existing;
        var output = NextName(op);
        _nodes.Add(key, output);
        node.Output.Add(output);
        _graph.Node.Add(node);
        return output;
    }

    private string NextName(string op)
    {
        string name;
        do name = $"{op}_{++_count}";
        while (_reserved.Contains(name) || _names.Contains(name));
        return name;
    }

    private static ValueInfoProto ValueInfo(
        string name, TensorProto.Types.DataType type, params ReadOnlySpan<int> dimensions)
    {
        var shape = new TensorShapeProto
        {
            Dim = { new TensorShapeProto.Types.Dimension { DimParam = "N" } },
        };
        foreach (var dimension in dimensions)
            shape.Dim.Add(new TensorShapeProto.Types.Dimension { DimValue = dimension });
        return new ValueInfoProto
        {
            Name = name,
            Type = new TypeProto
            {
                TensorType = new TypeProto.Types.Tensor { ElemType = (int)type, Shape = shape },
            },
        };
    }
}
