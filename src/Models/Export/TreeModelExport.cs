using System.Collections.Immutable;
using Gyre.Models.Expressions;
using Gyre.Models.Graph;
using Gyre.Training;
using Kind = Onnx.TensorProto.Types.DataType;

namespace Gyre.Models.Export;

/// <summary>Writes boosted trees and forests: raw columns to the trees' matrix to scores.</summary>
internal static class TreeModelExport
{
    /// <summary>Scores, [N, outputs], float32 or float64, in the form that the engine is fastest with.</summary>
    public static string Scores(
        GraphMath math, RawColumns columns, TreePreprocessing preprocessing, BoostedTreesModel model)
    {
        if (MaskEnsemble.TablesOf(preprocessing, model) is { } tables)
            return MaskEnsemble.Scores(math, columns, preprocessing, model, tables);
        var (values, width, features) = Matrix(math, columns, preprocessing);
        if (NumericEnsemble.Fits(model))
        {
            ImmutableArray<int> positions = [.. features.Select(f => f.Positions[0])];
            var numbers = new NumericMatrix(math, values, positions, width, model.Trees);
            return NumericEnsemble.Scores(math, numbers, model);
        }

        var matrix = math.ToNumber(values);
        var ensemble = new TreeEnsemble(features);
        for (var i = 0; i < model.Trees.Length; i++) ensemble.Add(i, model.Trees[i]);
        return ensemble.Write(math.Graph, matrix, "SUM", [.. model.BaseScores.Select(s => (double)s)]);
    }

    /// <summary>Float32 means over the trees of a forest, [N, outputs].</summary>
    public static string Means(
        GraphMath math, RawColumns columns, TreePreprocessing preprocessing, ForestModel model)
    {
        var (values, _, features) = Matrix(math, columns, preprocessing);
        var matrix = math.ToNumber(values);
        var ensemble = new TreeEnsemble(features);
        for (var i = 0; i < model.Trees.Length; i++) ensemble.Add(i, model.Trees[i], model.Means[i]);
        return ensemble.Write(math.Graph, matrix, "AVERAGE", new double[model.Outputs]);
    }

    /// <summary>
    /// The features as the trainer encodes them, [N, width] float32: a category is its position, NaN where missing or unknown.
    /// </summary>
    /// <returns>The matrix, its width, and each feature's column in it.</returns>
    public static (string Matrix, int Width, ImmutableArray<int> Positions) Features(
        GraphMath math, RawColumns columns, TreePreprocessing preprocessing)
    {
        var matrix = new FeatureMatrix(math);
        var texts = new Dictionary<TextVectorizer, int>();
        var keys = preprocessing.Features.Select(f => AddFeature(math, columns, matrix, f, texts, Code)[0]).ToArray();
        var (floats, positions) = matrix.Build();
        return (floats, matrix.Width, [.. keys.Select((key, i) => positions[key] + preprocessing.Features[i].Term)]);

        int[] Code(string text, TreeFeature feature) =>
        [
            matrix.Add(math.Graph.MlNode("LabelEncoder", [text],
                NodeAttribute.Of("keys_strings", feature.Categories),
                NodeAttribute.Of("values_floats", feature.Categories.Select((_, code) => (float)code)),
                NodeAttribute.Of("default_float", float.NaN)), Kind.Float),
        ];
    }

    // The trees' matrix in float32, its width, and where each feature stands in it.
    private static (string Matrix, int Width, ImmutableArray<TreeEnsembleFeature> Features) Matrix(
        GraphMath math, RawColumns columns, TreePreprocessing preprocessing)
    {
        var matrix = new FeatureMatrix(math);
        var texts = new Dictionary<TextVectorizer, int>();
        var keys = preprocessing.Features.Select(f => AddFeature(math, columns, matrix, f, texts, Groups)).ToArray();
        var (floats, positions) = matrix.Build();
        ImmutableArray<TreeEnsembleFeature> features =
        [
            .. keys.Select((own, i) => new TreeEnsembleFeature(
                [.. own.Select(key => positions[key] + preprocessing.Features[i].Term)])),
        ];
        return (floats, matrix.Width, features);

        int[] Groups(string text, TreeFeature feature)
        {
            var own = new int[TreeEnsembleFeature.Groups(feature.Categories.Length)];
            for (var group = 0; group < own.Length; group++)
            {
                var (names, codes, other) = TreeEnsembleFeature.Encoding(feature.Categories, group);
                var code = math.Graph.MlNode("LabelEncoder", [text],
                    NodeAttribute.Of("keys_strings", names),
                    NodeAttribute.Of("values_floats", codes),
                    NodeAttribute.Of("default_float", other));
                own[group] = matrix.Add(code, Kind.Float);
            }

            return own;
        }
    }

    private static int[] AddFeature(
        GraphMath math, RawColumns columns, FeatureMatrix matrix, TreeFeature feature,
        Dictionary<TextVectorizer, int> texts, Func<string, TreeFeature, int[]> addCategories)
    {
        if (feature.Vectorizer is { } vectorizer)
        {
            if (!texts.TryGetValue(vectorizer, out var block))
            {
                var raw = TextDoor.Value(math, columns.Value(feature.Name), feature.Name);
                block = matrix.AddBlock(TextExport.Matrix(math, raw, vectorizer), vectorizer.Width);
                texts.Add(vectorizer, block);
            }

            return [block];
        }

        var value = columns.Feature(feature.Name);
        return feature.IsCategorical
            ? addCategories(TextDoor.Value(math, value, feature.Name), feature)
            : [matrix.Add(value, feature.Name)];
    }
}
