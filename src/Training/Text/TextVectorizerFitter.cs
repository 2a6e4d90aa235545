using System.Collections.Immutable;
using System.Text;
using Gyre.Tabular;

namespace Gyre.Training;

/// <summary>Chooses the terms of training texts and learns their idf.</summary>
internal static class TextVectorizerFitter
{
    /// <summary>Learns from a column; rows of equal text count as often as they stand there.</summary>
    /// <param name="column">The texts.</param>
    /// <param name="options">Tokens, terms and damping.</param>
    /// <param name="weighted">Whether idf factors and lengths are wanted; else rows are counts.</param>
    /// <param name="token">Stops between texts.</param>
    public static TextVectorizer Fit(
        CategoricalColumn column, TextOptions options, bool weighted, CancellationToken token)
    {
        var found = new TermCounts(column, options, token);
        var nodes = found.Keep(options.DfFor(column.Length), options.MaxTerms).ToArray();
        token.ThrowIfCancellationRequested();
        var (tokens, terms) = Arrange(found.Tree, nodes);
        ImmutableArray<ImmutableArray<int>> pools =
        [
            .. Enumerable.Range(1, options.MostLength)
                .Select(n => terms.Where(t => t.Length == n).SelectMany(t => t).ToImmutableArray()),
        ];
        var (columns, width) = Columns(terms, tokens, options.HashingBits);
        TextVectorizer Make(ImmutableArray<float> idf) => new(
            options.Analyzer, tokens, pools, columns, idf, weighted && options.SublinearTf, normalize: weighted);
        if (!weighted) return Make([.. Enumerable.Repeat(1f, width)]);
        return Make(Idf(options.HashingBits is null
            ? Array.ConvertAll(nodes, found.RowsWith)
            : RowsWith(new TextVectorizer(
                options.Analyzer, tokens, pools, columns, [.. Enumerable.Repeat(1f, width)], false, false), column),
            column.Length));
    }

    /// <summary>
    /// The tokens that stand in some term, in ordinal order, and the terms as their numbers, by length, then in the
    /// order of their tokens; puts the nodes into the same order.
    /// </summary>
    private static (ImmutableArray<string> Tokens, int[][] Terms) Arrange(TermTree tree, int[] nodes)
    {
        var names = tree.Tokens;
        var terms = Array.ConvertAll(nodes, tree.TermOf);
        var tokens = terms.SelectMany(t => t).Distinct().Order(Comparer<int>.Create(
            (a, b) => string.CompareOrdinal(names[a], names[b]))).ToArray();
        var number = new Dictionary<int, int>(tokens.Length);
        foreach (var token in tokens) number.Add(token, number.Count);
        foreach (var term in terms)
        {
            for (var i = 0; i < term.Length; i++) term[i] = number[term[i]];
        }

        Array.Sort(terms, nodes, Comparer<int[]>.Create(static (a, b) =>
            a.Length != b.Length ? a.Length.CompareTo(b.Length) : a.AsSpan().SequenceCompareTo(b)));
        return ([.. tokens.Select(t => names[t])], terms);
    }

    private static (ImmutableArray<int> Columns, int Width) Columns(
        int[][] terms, ImmutableArray<string> tokens, int? bits)
    {
        if (bits is null) return ([.. Enumerable.Range(0, terms.Length)], terms.Length);
        var buckets = Array.ConvertAll(
            terms, t => (int)(Hash(string.Join('\0', t.Select(i => tokens[i]))) & ((1u << bits.Value) - 1)));

        // Buckets that no term falls into would only be inputs that are always 0.
        var used = new SortedSet<int>(buckets);
        var position = used.Select((bucket, i) => (bucket, i)).ToDictionary(p => p.bucket, p => p.i);
        return ([.. buckets.Select(b => position[b])], used.Count);
    }

    /// <summary>FNV-1a, 32 bits (draft-eastlake-fnv): the same on every machine.</summary>
    private static uint Hash(string term)
    {
        var hash = 2166136261u;
        foreach (var b in Encoding.UTF8.GetBytes(term)) hash = (hash ^ b) * 16777619u;
        return hash ^ (hash >> 16); // the low bits of FNV alone are uneven
    }

    /// <summary>ln((1 + rows) / (1 + rows with the term)) + 1, scikit-learn's smoothed idf.</summary>
    private static ImmutableArray<float> Idf(int[] rowsWith, int rows) =>
        [.. rowsWith.Select(df => (float)(Math.Log((1.0 + rows) / (1 + df)) + 1))];

    /// <summary>In how many rows some term of a column stands: terms that share one are counted once a row.</summary>
    private static int[] RowsWith(TextVectorizer plain, CategoricalColumn column)
    {
        var rows = plain.Transform(column);
        var frequency = new int[plain.Width];
        for (var row = 0; row < rows.Rows; row++)
        {
            foreach (var c in rows.Columns(row)) frequency[c]++;
        }

        return frequency;
    }
}
