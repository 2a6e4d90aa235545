using System.Collections.Immutable;
using Gyre.Primitives;
using Gyre.Tabular;

namespace Gyre.Training;

/// <summary>
/// Turns texts into sparse rows of term weights: n-grams of tokens (<see cref="TextTokens"/>) are counted, each count c
/// becomes c or 1 + ln c, times its column's idf, and a row is divided by its Euclidean length, as scikit-learn's
/// TfidfVectorizer does. Terms that training did not keep are ignored, but stand between others. Missing text has no
/// terms. Immutable, thread-safe.
/// </summary>
public sealed class TextVectorizer
{
    private readonly TermTree _tree;
    private readonly int[] _columnOfNode;

    /// <summary>Puts one together.</summary>
    /// <param name="analyzer">What texts are cut into.</param>
    /// <param name="tokens">The tokens that stand in some term, distinct; a token's number is its position.</param>
    /// <param name="terms">
    /// Per length from 1 on, the terms of so many tokens one after the other, as numbers of tokens.
    /// </param>
    /// <param name="columns">The column of each term, in the order of <paramref name="terms"/>; terms may share
    /// one.</param>
    /// <param name="idf">One factor per column.</param>
    /// <param name="sublinear">Whether a count c is damped to 1 + ln c.</param>
    /// <param name="normalize">Whether a row is divided by its Euclidean length.</param>
    /// <exception cref="ArgumentException">The parts do not fit together.</exception>
    public TextVectorizer(
        TextAnalyzer analyzer,
        ImmutableArray<string> tokens,
        ImmutableArray<ImmutableArray<int>> terms,
        ImmutableArray<int> columns,
        ImmutableArray<float> idf,
        bool sublinear,
        bool normalize)
    {
        (Analyzer, Tokens, Terms, Columns, Idf) = (analyzer, tokens, terms, columns, idf);
        (Sublinear, Normalize) = (sublinear, normalize);
        if (columns.Length != terms.Select((pool, i) => pool.Length / (i + 1)).Sum())
            throw new ArgumentException($"{columns.Length} columns do not fit the terms.", nameof(columns));
        _tree = new TermTree(tokens);
        var column = 0;
        var ofNode = new List<int>();
        for (var length = 1; length <= terms.Length; length++)
        {
            for (var at = 0; at < terms[length - 1].Length; at += length)
            {
                var node = _tree.AddTerm(terms[length - 1].AsSpan(at, length));
                while (ofNode.Count < _tree.Nodes) ofNode.Add(-1);
                ofNode[node] = columns[column++];
            }
        }

        while (ofNode.Count < _tree.Nodes) ofNode.Add(-1);
        _columnOfNode = [.. ofNode];
    }

    /// <summary>What texts are cut into.</summary>
    public TextAnalyzer Analyzer { get; }

    /// <summary>The tokens that stand in some term; a token's number is its position.</summary>
    public ImmutableArray<string> Tokens { get; }

    /// <summary>Per length from 1 on, the terms of so many tokens one after the other, as numbers of tokens.</summary>
    public ImmutableArray<ImmutableArray<int>> Terms { get; }

    /// <summary>The column of each term, in the order of <see cref="Terms"/>; hashed terms may share one.</summary>
    public ImmutableArray<int> Columns { get; }

    /// <summary>One factor per column: ln((1 + rows) / (1 + rows with the term)) + 1, or 1 for plain counts.</summary>
    public ImmutableArray<float> Idf { get; }

    /// <summary>Whether a count c is damped to 1 + ln c.</summary>
    public bool Sublinear { get; }

    /// <summary>Whether a row is divided by its Euclidean length.</summary>
    public bool Normalize { get; }

    /// <summary>The number of columns.</summary>
    public int Width => Idf.Length;

    /// <summary>The most tokens of a term.</summary>
    public int MostLength => Terms.Length;

    /// <summary>A column's term as it is read: its tokens with a space between words; of hashed terms one.</summary>
    public string ColumnName(int column)
    {
        var term = Columns.IndexOf(column);
        for (var length = 1; length <= Terms.Length; length++)
        {
            var count = Terms[length - 1].Length / length;
            if (term < count)
            {
                var tokens = Terms[length - 1].Skip(term * length).Take(length).Select(t => Tokens[t]);
                return string.Join(Analyzer == TextAnalyzer.Word ? " " : "", tokens);
            }

            term -= count;
        }

        throw new ArgumentOutOfRangeException(nameof(column), column, $"There are {Width} columns.");
    }

    /// <summary>The rows of a text or categorical column.</summary>
    /// <exception cref="GyreException">The column holds no text.</exception>
    internal SparseRows Transform(Column column)
    {
        if (column is not CategoricalColumn source)
            throw GyreException.Invalid($"Column '{column.Name}' is {column.Type}; the model needs text there.");
        var (texts, distinct) = UsedTexts(source);
        var starts = new int[distinct.Count + 1];
        var (columns, values) = (new List<int>(), new List<float>());
        var (tokens, counts) = (new List<string>(), new Dictionary<int, int>());
        for (var i = 0; i < distinct.Count; i++)
        {
            Count(distinct[i], tokens, counts);
            Weigh(counts, columns, values);
            starts[i + 1] = columns.Count;
        }

        return new SparseRows(Width, texts, starts, [.. columns], [.. values]);
    }

    /// <summary>Each row's position among the distinct texts that occur.</summary>
    internal static (int[] Texts, List<string?> Distinct) UsedTexts(CategoricalColumn source)
    {
        var position = new int[source.Categories.Count + 1];
        var distinct = new List<string?>();
        var texts = new int[source.Length];
        for (var row = 0; row < texts.Length; row++)
        {
            ref var own = ref position[source.Codes[row] + 1];
            if (own == 0)
            {
                distinct.Add(source.StringAt(row));
                own = distinct.Count;
            }

            texts[row] = own - 1;
        }

        return (texts, distinct);
    }

    private void Count(string? text, List<string> tokens, Dictionary<int, int> counts)
    {
        tokens.Clear();
        counts.Clear();
        TextTokens.Cut(text, Analyzer, tokens);
        var numbers = new int[tokens.Count];
        for (var i = 0; i < numbers.Length; i++) numbers[i] = _tree.Token(tokens[i]);
        for (var from = 0; from < numbers.Length; from++)
        {
            var node = TermTree.Root;
            for (var i = from; i < numbers.Length && i < from + MostLength; i++)
            {
                node = _tree.Find(node, numbers[i]);
                if (node < 0) break;
                if (_columnOfNode[node] is var column and >= 0)
                    counts[column] = counts.GetValueOrDefault(column) + 1;
            }
        }
    }

    private void Weigh(Dictionary<int, int> counts, List<int> columns, List<float> values)
    {
        var first = columns.Count;
        columns.AddRange(counts.Keys.Order());
        var sum = 0.0;
        Span<double> weights = counts.Count <= 256 ? stackalloc double[counts.Count] : new double[counts.Count];
        for (var i = 0; i < weights.Length; i++)
        {
            var column = columns[first + i];
            var count = counts[column];
            weights[i] = (Sublinear ? 1 + Math.Log(count) : count) * Idf[column];
            sum += weights[i] * weights[i];
        }

        var length = Normalize ? Math.Sqrt(sum) : 1;
        foreach (var weight in weights) values.Add((float)(weight / length));
    }
}
