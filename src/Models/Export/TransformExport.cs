using Gyre.Models.Expressions;
using Gyre.Models.Graph;
using Gyre.Training;

namespace Gyre.Models.Export;

/// <summary>Writes what transforms add to a row, in float64 as the trainer computes it.</summary>
internal static class TransformExport
{
    /// <summary>The columns beside what transforms compute from them.</summary>
    public static RawColumns Widen(GraphMath math, RawColumns columns, IEnumerable<Transform> transforms)
    {
        var values = new Dictionary<string, Operand>(StringComparer.Ordinal);
        foreach (var transform in transforms)
        {
            if (transform is FrozenFeatures frozen)
            {
                AddFrozen(math, columns, values, frozen);
                continue;
            }

            var block = StandardizedBlock.Write(math, columns, transform.Inputs);
            switch (transform)
            {
                case PrincipalComponents components:
                    Add(math, values, Product(math, block, components.Loadings, components.Count), components.ColumnName, components.Count);
                    break;
                case Clusters clusters:
                    AddClusters(math, values, block, clusters);
                    break;
                default:
                    throw new ArgumentException($"{transform.GetType().Name} has no ONNX form.", nameof(transforms));
            }
        }

        return columns.With(values);
    }

    private static void AddFrozen(
        GraphMath math, RawColumns columns, Dictionary<string, Operand> values, FrozenFeatures frozen)
    {
        if (frozen.Extractor is not OnnxExtractor extractor)
            throw new ArgumentException($"{frozen.Extractor.GetType().Name} has no ONNX form.", nameof(frozen));
        var shape = columns.Inputs.First(c => c.Name == frozen.Column).Image
            ?? throw new ArgumentException($"Column '{frozen.Column}' has no image size.", nameof(columns));
        Add(math, values, extractor.Write(math, frozen.Column, shape), frozen.ColumnName, frozen.Count);
    }

    private static void AddClusters(GraphMath math, Dictionary<string, Operand> values, StandardizedBlock block, Clusters clusters)
    {
        var lengths = math.Graph.Constant(Constants.Of(clusters.SquaredLengths(), 1, clusters.Count));
        var product = Product(math, block, clusters.Centers, clusters.Count);
        var offsets = math.Subtract(lengths, math.Multiply(math.Number(2), product));
        if (!clusters.Distances)
        {
            var nearest = math.Graph.Node("ArgMin", [offsets], NodeAttribute.Of("axis", 1L), NodeAttribute.Of("keepdims", 1L));
            var names = math.Graph.Constant(Constants.Of([.. clusters.CenterNames], clusters.Count));
            values.Add(clusters.Name, new Operand(math.Graph.Node("Gather", [names, nearest]), OperandType.Text, null, true));
            return;
        }

        var exact = math.ToNumber(block.Matrix);
        var axis = math.Graph.Constant(Constants.Of([1L], 1));
        var own = math.Graph.Node("ReduceSum", [math.Multiply(exact, exact), axis]);
        var squared = math.Graph.Node("Max", [math.Add(own, offsets), math.Number(0)]);
        Add(math, values, math.Unary("Sqrt", squared), c => $"{clusters.Name}_{c + 1}", clusters.Count);
    }

    /// <summary>[N, count]: each row's product with each row of a matrix over the inputs.</summary>
    private static string Product(GraphMath math, StandardizedBlock block, IReadOnlyList<float> matrix, int count)
    {
        var width = block.Features.Length;
        var weights = new double[width * count];
        for (var j = 0; j < width; j++)
        {
            for (var k = 0; k < count; k++) weights[(j * count) + k] = matrix[(k * width) + block.Features[j].Index];
        }

        return math.Graph.Node(
            "MatMul", [math.ToNumber(block.Matrix), math.Graph.Constant(Constants.Of(weights, width, count))]);
    }

    private static void Add(
        GraphMath math, Dictionary<string, Operand> values, string matrix, Func<int, string> name, int count)
    {
        for (var k = 0; k < count; k++)
        {
            var column = math.Graph.Node(
                "Gather", [matrix, math.Graph.Constant(Constants.Of([(long)k], 1))], NodeAttribute.Of("axis", 1L));
            values.Add(name(k), new Operand(column, OperandType.Number, null, true));
        }
    }
}
