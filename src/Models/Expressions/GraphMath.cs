using Gyre.Models.Graph;
using Kind = Onnx.TensorProto.Types.DataType;

namespace Gyre.Models.Expressions;

/// <summary>Short names for the nodes that expressions are made of. Values are names in the graph.</summary>
internal sealed class GraphMath(GraphBuilder graph)
{
    public GraphBuilder Graph => graph;

    public string Number(double value) => graph.Constant(Constants.Of([value], 1, 1));

    public string Integer(long value) => graph.Constant(Constants.Of([value], 1, 1));

    public string Truth(bool value) => graph.Constant(Constants.Of([value], 1, 1));

    public string Text(string value) => graph.Constant(Constants.Of([value], 1, 1));

    public string Add(string a, string b) => graph.Node("Add", [a, b]);

    public string Subtract(string a, string b) => graph.Node("Sub", [a, b]);

    public string Multiply(string a, string b) => graph.Node("Mul", [a, b]);

    public string Divide(string a, string b) => graph.Node("Div", [a, b]);

    public string Larger(string a, string b) => graph.Node("Max", [a, b]);

    public string Smaller(string a, string b) => graph.Node("Min", [a, b]);

    /// <summary>The remainder with the sign of <paramref name="a"/>.</summary>
    public string Remainder(string a, string b) => graph.Node("Mod", [a, b], NodeAttribute.Of("fmod", 1L));

    public string Unary(string op, string a) => graph.Node(op, [a]);

    public string Equal(string a, string b) => graph.Node("Equal", [a, b]);

    /// <summary>Equality of texts, which standard graphs have from operator set 19 on.</summary>
    public string EqualText(string a, string b)
    {
        graph.RequireOpset(19);
        return graph.Node("Equal", [a, b]);
    }

    /// <summary>One text after the other, which standard graphs have from operator set 20 on.</summary>
    public string Concatenate(string a, string b)
    {
        graph.RequireOpset(20);
        return graph.Node("StringConcat", [a, b]);
    }

    /// <summary>
    /// Whether the whole text matches (RE2 syntax), which standard graphs have from operator set 20 on.
    /// </summary>
    public string Matches(string text, string pattern)
    {
        graph.RequireOpset(20);
        return graph.Node("RegexFullMatch", [text], NodeAttribute.Of("pattern", pattern));
    }

    public string Less(string a, string b) => graph.Node("Less", [a, b]);

    public string LessOrEqual(string a, string b) => graph.Node("LessOrEqual", [a, b]);

    public string And(string a, string b) => graph.Node("And", [a, b]);

    public string Or(string a, string b) => graph.Node("Or", [a, b]);

    public string Not(string a) => graph.Node("Not", [a]);

    public string IsNaN(string a) => graph.Node("IsNaN", [a]);

    /// <summary>Chooses by row; not for truth values, which the engine's Where does not take.</summary>
    public string Where(string condition, string then, string otherwise) =>
        graph.Node("Where", [condition, then, otherwise]);

    public string WhereTruth(string condition, string then, string otherwise) =>
        Or(And(condition, then), And(Not(condition), otherwise));

    public string ToNumber(string value) => graph.Cast(value, Kind.Double);

    public string ToInteger(string value) => graph.Cast(value, Kind.Int64);

    public string ToTruth(string value) => graph.Cast(value, Kind.Bool);

    public string ToText(string value) => graph.Cast(value, Kind.String);

    /// <summary>Whether a text is one of some names.</summary>
    public string IsOneOf(string text, IEnumerable<string> names)
    {
        var keys = names.Distinct(StringComparer.Ordinal).ToArray();
        return ToTruth(graph.MlNode("LabelEncoder", [text],
            NodeAttribute.Of("keys_strings", keys),
            NodeAttribute.Of("values_int64s", keys.Select(_ => 1L)),
            NodeAttribute.Of("default_int64", 0L)));
    }

    /// <summary>The name of each whole number from <paramref name="first"/> on.</summary>
    public string NameOf(string integer, long first, IReadOnlyList<string> names) =>
        graph.MlNode("LabelEncoder", [integer],
        NodeAttribute.Of("keys_int64s", Enumerable.Range(0, names.Count).Select(i => first + i)),
        NodeAttribute.Of("values_strings", names),
        NodeAttribute.Of("default_string", ""));
}
