using System.Collections.Immutable;
using Gyre.Models.Expressions;
using Gyre.Models.Graph;
using Gyre.Training;
using Kind = Onnx.TensorProto.Types.DataType;

namespace Gyre.Models.Export;

/// <summary>
/// Writes linear models: imputation and standardisation in float32 as the trainer does them, products and sums in
/// float64.
/// A one-hot block times its weights is one weight per row, so categories look their weights up.
/// </summary>
internal static class LinearModelExport
{
    /// <summary>Float64 scores, [N, outputs].</summary>
    public static string Scores(
        GraphMath math, RawColumns columns, LinearPreprocessing preprocessing, LinearModel model)
    {
        var scores = math.Graph.Constant(Constants.Of(
            [.. model.Intercepts.Select(i => (double)i)], 1, model.Intercepts.Length));
        if (Numbers(math, columns, preprocessing, model) is { } numbers) scores = math.Add(numbers, scores);
        if (Categories(math, columns, preprocessing, model) is { } categories) scores = math.Add(categories, scores);
        foreach (var (feature, start) in Blocks(preprocessing))
        {
            if (feature is TextLinearFeature text) scores = math.Add(Text(math, columns, text, start, model), scores);
        }

        return scores;
    }

    /// <summary>What a text or category adds to each score, [N, outputs] float64.</summary>
    /// <param name="math">Where to.</param>
    /// <param name="columns">The raw columns.</param>
    /// <param name="feature">The feature.</param>
    /// <param name="start">Where its block begins.</param>
    /// <param name="model">The model.</param>
    public static string Term(GraphMath math, RawColumns columns, LinearFeature feature, int start, LinearModel model)
    {
        if (feature is TextLinearFeature text) return math.ToNumber(Text(math, columns, text, start, model));
        var outputs = model.Intercepts.Length;
        var found = math.Graph.Node("Gather", [
            math.Graph.Constant(Constants.Of([.. Weights(model, start, feature.Width)], feature.Width, outputs)),
            Code(math, columns, (CategoricalLinearFeature)feature, 0)]);
        return math.Graph.Node("Squeeze", [found, math.Graph.Constant(Constants.Of([1L], 1))]);
    }

    /// <summary>What standardised numbers add to one score, [N, features] float64.</summary>
    public static string Terms(
        GraphMath math, LinearPreprocessing preprocessing, StandardizedBlock block, int output, LinearModel model)
    {
        var blocks = Blocks(preprocessing).Where(b => b.Feature is NumericLinearFeature).ToArray();
        var ordered = Array.ConvertAll(block.Features, f => (f.Feature, blocks[f.Index].Start));
        string Row(int position, Func<NumericLinearFeature, bool> has) => math.Graph.Constant(Constants.Of(
            [.. ordered.Select(f => has(f.Feature) ? (double)model.Weights[(output * model.Width) + f.Start + position] : 0)],
            1, ordered.Length));
        var terms = math.Multiply(math.ToNumber(block.Matrix), Row(0, _ => true));
        return ordered.Any(f => f.Feature.HasMissingIndicator)
            ? math.Add(terms, math.Multiply(math.ToNumber(block.Missing), Row(1, f => f.HasMissingIndicator)))
            : terms;
    }

    private static string? Numbers(
        GraphMath math, RawColumns columns, LinearPreprocessing preprocessing, LinearModel model)
    {
        var blocks = Blocks(preprocessing).Where(b => b.Feature is NumericLinearFeature).ToArray();
        if (blocks.Length == 0) return null;
        var block = StandardizedBlock.Write(math, columns, [.. blocks.Select(b => (NumericLinearFeature)b.Feature)]);
        var ordered = Array.ConvertAll(block.Features, f => (f.Feature, blocks[f.Index].Start));
        var product = math.Graph.Node("MatMul", [math.ToNumber(block.Matrix), Weights(math, model, ordered, 0, _ => true)]);
        if (!ordered.Any(f => f.Feature.HasMissingIndicator)) return product;
        var indicators = math.Graph.Node(
            "MatMul", [math.ToNumber(block.Missing), Weights(math, model, ordered, 1, f => f.HasMissingIndicator)]);
        return math.Add(product, indicators);
    }

    private static string? Categories(
        GraphMath math, RawColumns columns, LinearPreprocessing preprocessing, LinearModel model)
    {
        var blocks = Blocks(preprocessing).Where(b => b.Feature is CategoricalLinearFeature).ToArray();
        if (blocks.Length == 0) return null;
        var codes = new List<string>();
        var table = new List<double>();
        foreach (var (feature, start) in blocks)
        {
            codes.Add(Code(math, columns, (CategoricalLinearFeature)feature, table.Count / model.Intercepts.Length));
            table.AddRange(Weights(model, start, feature.Width));
        }

        var all = codes.Count == 1 ? codes[0] : math.Graph.Node("Concat", [.. codes], NodeAttribute.Of("axis", 1L));
        var outputs = model.Intercepts.Length;
        var weights = math.Graph.Constant(Constants.Of(table.ToArray(), table.Count / outputs, outputs));
        var found = math.Graph.Node("Gather", [weights, all]);
        var axis = math.Graph.Constant(Constants.Of([1L], 1));
        return math.Graph.Node("ReduceSum", [found, axis], NodeAttribute.Of("keepdims", 0L));
    }

    // Row-major, inputs × outputs: the weights of a feature's block.
    private static IEnumerable<double> Weights(LinearModel model, int start, int width)
    {
        for (var j = start; j < start + width; j++)
        for (var k = 0; k < model.Intercepts.Length; k++)
            yield return model.Weights[(k * model.Width) + j];
    }

    private static string Text(
        GraphMath math, RawColumns columns, TextLinearFeature feature, int start, LinearModel model)
    {
        var outputs = model.Intercepts.Length;
        var weights = new float[feature.Width * outputs];
        for (var j = 0; j < feature.Width; j++)
        for (var k = 0; k < outputs; k++)
            weights[(j * outputs) + k] = model.Weights[(k * model.Width) + start + j];
        var text = TextDoor.Value(math, columns.Value(feature.Name), feature.Name);
        return TextExport.Scores(math, text, feature.Vectorizer, weights, outputs);
    }

    /// <summary>The row of the common weight table: the category's position, then missing, then unknown.</summary>
    private static string Code(GraphMath math, RawColumns columns, CategoricalLinearFeature feature, int offset)
    {
        var text = TextDoor.Value(math, columns.Value(feature.Name), feature.Name);
        string[] names = [.. feature.Categories, ""];
        return math.Graph.MlNode("LabelEncoder", [text],
            NodeAttribute.Of("keys_strings", names),
            NodeAttribute.Of("values_int64s", names.Select((_, i) => (long)(offset + i))),
            NodeAttribute.Of("default_int64", (long)(offset + feature.UnknownPosition)));
    }

    /// <summary>
    /// Row-major, features × outputs: the weights of one position in each feature's block, 0 where it has none.
    /// </summary>
    private static string Weights(
        GraphMath math, LinearModel model, (NumericLinearFeature Feature, int Start)[] features, int position,
        Func<NumericLinearFeature, bool> has)
    {
        var outputs = model.Intercepts.Length;
        var weights = new double[features.Length * outputs];
        for (var i = 0; i < features.Length; i++)
        for (var k = 0; k < outputs && has(features[i].Feature); k++)
            weights[(i * outputs) + k] = model.Weights[(k * model.Width) + features[i].Start + position];
        return math.Graph.Constant(Constants.Of(weights, features.Length, outputs));
    }

    private static IEnumerable<(LinearFeature Feature, int Start)> Blocks(LinearPreprocessing preprocessing)
    {
        var start = 0;
        foreach (var feature in preprocessing.Features)
        {
            yield return (feature, start);
            start += feature.Width;
        }
    }
}
