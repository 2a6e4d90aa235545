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
        var minDf = options.MinDf ?? (column.Length < TextOptions.RowsForMinDf ? 1 : 2);
        var kept = found.Keep(minDf, options.MaxTerms);
        token.ThrowIfCancellationRequested();
        var plain = Assemble(found, kept, options);
        if (!weighted) return plain;
        var idf = Idf(plain, column);
        return new TextVectorizer(
            plain.Analyzer, plain.Tokens, plain.Terms, plain.Columns, idf, options.SublinearTf, normalize: true);
    }

    /// <summary>Terms stand by length, then in ordinal order of their tokens.</summary>
    private static TextVectorizer Assemble(TermCounts found, IEnumerable<int> kept, TextOptions options)
    {
        var names = found.Tree.Tokens;
        var terms = kept.Select(found.Tree.TermOf).ToArray();
        var tokens = terms.SelectMany(t => t).Distinct().Order(Comparer<int>.Create(
            (a, b) => string.CompareOrdinal(names[a], names[b]))).ToArray();
        var number = new Dictionary<int, int>(tokens.Length);
        foreach (var token in tokens) number.Add(token, number.Count);
        foreach (var term in terms)
        {
            for (var i = 0; i < term.Length; i++) term[i] = number[term[i]];
        }

        Array.Sort(terms, static (a, b) =>
            a.Length != b.Length ? a.Length.CompareTo(b.Length) : a.AsSpan().SequenceCompareTo(b));
        ImmutableArray<string> kept2 = [.. tokens.Select(t => names[t])];
        ImmutableArray<ImmutableArray<int>> pools =
        [
            .. Enumerable.Range(1, options.MostLength)
                .Select(n => terms.Where(t => t.Length == n).SelectMany(t => t).ToImmutableArray()),
        ];
        var (columns, width) = Columns(terms, kept2, options.HashingBits);
        return new TextVectorizer(
            options.Analyzer, kept2, pools, columns, [.. Enumerable.Repeat(1f, width)], sublinear: false, normalize: false);
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
    private static ImmutableArray<float> Idf(TextVectorizer plain, CategoricalColumn column)
    {
        var rows = plain.Transform(column);
        var frequency = new int[plain.Width];
        for (var row = 0; row < rows.Rows; row++)
        {
            foreach (var c in rows.Columns(row)) frequency[c]++;
        }

        return [.. frequency.Select(df => (float)(Math.Log((1.0 + rows.Rows) / (1 + df)) + 1))];
    }
}
