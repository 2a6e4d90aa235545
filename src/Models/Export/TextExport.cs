using System.Globalization;
using System.Text;
using Gyre.Models.Expressions;
using Gyre.Models.Graph;
using Gyre.Training;
using Kind = Onnx.TensorProto.Types.DataType;

namespace Gyre.Models.Export;

/// <summary>
/// Writes what a <see cref="TextVectorizer"/> does: text to tokens to counts of terms to weights. Only the few counts
/// of a row that are not 0 are worked on after <c>TfIdfVectorizer</c>; docs/adr/0009 tells why each operator is as it
/// is.
/// </summary>
internal static class TextExport
{
    /// <summary>The locale that every system has; it lowers the letters A to Z only.</summary>
    private const string Locale = "C";

    private const long Unknown = -1;

    private const int GroupSize = 64;

    /// <summary>Below it looking at every count is quicker than the nodes that avoid it.</summary>
    private const int LeastWidthForGroups = 2048;

    /// <summary>The counts of a column's terms, float32 [N, width]; columns beyond the vectorizer's are 0.</summary>
    private static string Counts(GraphMath math, string text, TextVectorizer vectorizer, int width)
    {
        var graph = math.Graph;
        var flat = graph.Node("Reshape", [text, graph.Constant(Constants.Of([-1L], 1))]);
        var lower = graph.Node("StringNormalizer", [flat],
            NodeAttribute.Of("case_change_action", "LOWER"),
            NodeAttribute.Of("is_case_sensitive", 1L),
            NodeAttribute.Of("locale", Locale));
        var tokens = graph.ContribNode("Tokenizer", [lower],
            NodeAttribute.Of("mark", 0L),
            NodeAttribute.Of("mincharnum", 1L),
            NodeAttribute.Of("pad_value", ""),
            NodeAttribute.Of("tokenexp", vectorizer.Analyzer == TextAnalyzer.Char ? "." : WordPattern));
        var first = Enumerable.Range(0, vectorizer.MostLength).First(i => !vectorizer.Terms[i].IsEmpty);
        var pools = vectorizer.Terms.Select(pool => pool.Select(t => (long)t).ToList()).ToArray();
        var columns = vectorizer.Columns.Select(c => (long)c).ToList();
        if (width > vectorizer.Width)
        {
            // A term of a token that no text has makes the matrix as wide as is wanted.
            columns.Insert(pools[first].Count / (first + 1), width - 1);
            pools[first].AddRange(Enumerable.Repeat((long)vectorizer.Tokens.Length, first + 1));
        }

        return graph.Node("TfIdfVectorizer", [Numbers(math, tokens, vectorizer)],
            NodeAttribute.Of("mode", "TF"),
            NodeAttribute.Of("min_gram_length", first + 1L),
            NodeAttribute.Of("max_gram_length", (long)vectorizer.MostLength),
            NodeAttribute.Of("max_skip_count", 0L),
            NodeAttribute.Of("ngram_counts", Starts(pools)),
            NodeAttribute.Of("ngram_indexes", columns),
            NodeAttribute.Of("pool_int64s", pools.SelectMany(pool => pool)));
    }

    /// <summary>The entries of all rows that are not 0: row and column (int64) and weight (float64), each
    /// [M].</summary>
    public static (string Rows, string Columns, string Weights) Entries(
        GraphMath math, string text, TextVectorizer vectorizer)
    {
        var graph = math.Graph;
        var (rows, columns, found) = vectorizer.Width < LeastWidthForGroups
            ? NonZero(math, Counts(math, text, vectorizer, vectorizer.Width))
            : NonZeroByGroups(math, text, vectorizer);
        var weights = math.ToNumber(found);
        if (vectorizer.Sublinear)
            weights = math.Add(math.Unary("Log", weights), graph.Constant(Constants.Of([1.0], 1)));
        if (vectorizer.Idf.Any(factor => factor != 1))
        {
            var idf = graph.Constant(Constants.Of(vectorizer.Idf.AsSpan(), vectorizer.Width));
            weights = math.Multiply(weights, math.ToNumber(graph.Node("Gather", [idf, columns])));
        }

        if (!vectorizer.Normalize) return (rows, columns, weights);
        var shape = graph.Node("Shape", [graph.Node("Reshape", [text, graph.Constant(Constants.Of([-1L], 1))])]);
        var squares = Scatter(math, graph.Node("Expand", [graph.Constant(Constants.Of([0.0], 1)), shape]), rows,
            math.Multiply(weights, weights));
        var lengths = graph.Node("Gather", [math.Unary("Sqrt", squares), rows]);
        return (rows, columns, math.Divide(weights, lengths));
    }

    /// <summary>Σ weight × entry per row and output, float64 [N, outputs].</summary>
    /// <param name="math">The graph.</param>
    /// <param name="text">The column's text, [N, 1].</param>
    /// <param name="vectorizer">What turns it into entries.</param>
    /// <param name="weights">Row-major, the vectorizer's width × outputs.</param>
    /// <param name="outputs">The number of outputs.</param>
    public static string Scores(
        GraphMath math, string text, TextVectorizer vectorizer, ReadOnlySpan<float> weights, int outputs)
    {
        var graph = math.Graph;
        var zeros = graph.Node("Expand",
            [graph.Constant(Constants.Of(new double[outputs], 1, outputs)), graph.Node("Shape", [text])]);
        if (vectorizer.Width == 0) return zeros;
        var (rows, columns, values) = Entries(math, text, vectorizer);
        var table = graph.Constant(Constants.Of(weights, vectorizer.Width, outputs));
        var second = graph.Constant(Constants.Of([1L], 1));
        var products = math.Multiply(
            math.ToNumber(graph.Node("Gather", [table, columns])), graph.Node("Unsqueeze", [values, second]));
        var places = graph.Node("Expand",
            [graph.Node("Unsqueeze", [rows, second]), graph.Node("Shape", [products])]);
        return Scatter(math, zeros, places, products);
    }

    /// <summary>The weights of all columns, float32 [N, width]: for models that look at few columns.</summary>
    public static string Matrix(GraphMath math, string text, TextVectorizer vectorizer)
    {
        var graph = math.Graph;
        var counts = math.ToNumber(Counts(math, text, vectorizer, vectorizer.Width));
        var weights = counts;
        if (vectorizer.Sublinear)
        {
            var present = math.ToNumber(math.Less(math.Number(0), counts));
            weights = math.Multiply(
                math.Add(math.Unary("Log", graph.Node("Max", [counts, math.Number(1)])), math.Number(1)), present);
        }

        var idf = graph.Constant(Constants.Of([.. vectorizer.Idf.Select(f => (double)f)], 1, vectorizer.Width));
        weights = math.Multiply(weights, idf);
        if (!vectorizer.Normalize) return graph.Cast(weights, Kind.Float);
        var squares = graph.Node(
            "ReduceSum", [math.Multiply(weights, weights), graph.Constant(Constants.Of([1L], 1))]);

        // A text without terms has length 0; its weights are 0 whatever they are divided by.
        var length = math.Unary("Sqrt", graph.Node("Max", [squares, math.Number(1e-30)]));
        return graph.Cast(math.Divide(weights, length), Kind.Float);
    }

    /// <summary>
    /// Letters and numbers of every script, spelled out, so that the pattern means what the trainer meant whatever
    /// version of Unicode an engine knows.
    /// </summary>
    internal static string WordPattern { get; } = MakeWordPattern();

    private static string MakeWordPattern()
    {
        var pattern = new StringBuilder("[");
        for (var first = 0; first <= 0x10FFFF; first++)
        {
            if (!TextTokens.IsWordCharacter(first)) continue;
            var last = first;
            while (last < 0x10FFFF && TextTokens.IsWordCharacter(last + 1)) last++;
            pattern.Append(CultureInfo.InvariantCulture, $"\\x{{{first:X}}}");
            if (last > first) pattern.Append(CultureInfo.InvariantCulture, $"-\\x{{{last:X}}}");
            first = last;
        }

        return pattern.Append("]{2,}").ToString();
    }

    /// <summary>The tokens' numbers; every form that counts as a token has its number.</summary>
    private static string Numbers(GraphMath math, string tokens, TextVectorizer vectorizer)
    {
        var keys = new List<string>();
        var values = new List<long>();
        for (var i = 0; i < vectorizer.Tokens.Length; i++)
        {
            var token = vectorizer.Tokens[i];
            foreach (var form in token == " " ? TextTokens.WhiteSpace : TextTokens.Forms(token))
            {
                keys.Add(form);
                values.Add(i);
            }
        }

        return math.Graph.MlNode("LabelEncoder", [tokens],
            NodeAttribute.Of("keys_strings", keys),
            NodeAttribute.Of("values_int64s", values),
            NodeAttribute.Of("default_int64", Unknown));
    }

    private static IEnumerable<long> Starts(IEnumerable<List<long>> pools)
    {
        var next = 0L;
        foreach (var pool in pools)
        {
            yield return next;
            next += pool.Count;
        }
    }

    /// <summary>Row, column and value of what is not 0 in a matrix, row by row.</summary>
    private static (string Rows, string Columns, string Values) NonZero(GraphMath math, string matrix)
    {
        var places = math.Graph.Node("NonZero", [matrix]);
        var values = math.Graph.Node("GatherND", [matrix, math.Graph.Node("Transpose", [places])]);
        return (Part(math, places, 0), Part(math, places, 1), values);
    }

    /// <summary>
    /// The same of the counts, of which nearly all are 0: sums of groups, which are quick, say where to look closer.
    /// </summary>
    private static (string Rows, string Columns, string Values) NonZeroByGroups(
        GraphMath math, string text, TextVectorizer vectorizer)
    {
        var graph = math.Graph;
        var groups = (vectorizer.Width + GroupSize - 1) / GroupSize;
        var counts = Counts(math, text, vectorizer, groups * GroupSize);
        var grouped = graph.Node("Reshape", [counts, graph.Constant(Constants.Of([0L, groups, GroupSize], 3))]);
        var sums = graph.Node(
            "ReduceSum", [grouped, graph.Constant(Constants.Of([2L], 1))], NodeAttribute.Of("keepdims", 0L));
        var places = graph.Node("NonZero", [sums]);
        var used = graph.Node("GatherND", [grouped, graph.Node("Transpose", [places])]);
        var (group, offset, values) = NonZero(math, used);
        var rows = graph.Node("Gather", [Part(math, places, 0), group]);
        var starts = math.Multiply(
            graph.Node("Gather", [Part(math, places, 1), group]), graph.Constant(Constants.Of([(long)GroupSize], 1)));
        return (rows, math.Add(starts, offset), values);
    }

    private static string Part(GraphMath math, string places, long index) =>
        math.Graph.Node("Gather", [places, math.Graph.Constant(Constants.Of([index]))]);

    private static string Scatter(GraphMath math, string target, string places, string values) =>
        math.Graph.Node("ScatterElements", [target, places, values],
            NodeAttribute.Of("axis", 0L), NodeAttribute.Of("reduction", "add"));
}
