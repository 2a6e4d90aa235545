namespace Gyre.Training;

/// <summary>How free text becomes numbers; the defaults are those of a plain TF-IDF classifier.</summary>
public sealed record TextOptions
{
    /// <summary>Below this many rows a term that stands in one row only is kept.</summary>
    private const int RowsForMinDf = 5000;

    /// <summary>For trees, which look at every term at every split: the 1,000 most frequent.</summary>
    internal static TextOptions ForTrees { get; } = new() { MaxTerms = 1000 };

    /// <summary>Words (default) or characters.</summary>
    public TextAnalyzer Analyzer { get; init; } = TextAnalyzer.Word;

    /// <summary>The shortest n-grams, in tokens; default 1.</summary>
    public int LeastLength { get; init; } = 1;

    /// <summary>The longest n-grams, in tokens; default 2.</summary>
    public int MostLength { get; init; } = 2;

    /// <summary>In how many rows a term must stand; null (default) is 2, but 1 below 5,000 rows.</summary>
    public int? MinDf { get; init; }

    /// <summary>The most terms kept, those that occur most often; null (default) is no limit.</summary>
    public int? MaxTerms { get; init; }

    /// <summary>Whether a count c is damped to 1 + ln c; default true.</summary>
    public bool SublinearTf { get; init; } = true;

    /// <summary>Terms fall into 2^bits buckets by their hash, so that the number of inputs is bounded; null (default)
    /// gives each term an input of its own.</summary>
    public int? HashingBits { get; init; }

    /// <summary>In how many of so many rows a term must stand.</summary>
    internal int DfFor(int rows) => MinDf ?? (rows < RowsForMinDf ? 1 : 2);

    /// <summary>Reads <c>analyzer</c>, <c>ngrams</c>, <c>min_df</c>, <c>max_terms</c>, <c>hashing_bits</c> and, unless
    /// counts are wanted, <c>sublinear_tf</c>.</summary>
    internal static TextOptions Read(OptionReader reader, TextOptions defaults, bool counts = false)
    {
        var (least, most) = reader.Range("ngrams", (defaults.LeastLength, defaults.MostLength), 1, 8);
        return new TextOptions
        {
            Analyzer = reader.Choice("analyzer", ["word", "char"]) switch
            {
                "word" => TextAnalyzer.Word,
                "char" => TextAnalyzer.Char,
                _ => defaults.Analyzer,
            },
            LeastLength = least,
            MostLength = most,
            MinDf = reader.OptionalInteger("min_df", "auto", 1, 1_000_000) ?? defaults.MinDf,
            MaxTerms = reader.OptionalInteger("max_terms", "none", 1, 10_000_000) ?? defaults.MaxTerms,
            SublinearTf = counts ? defaults.SublinearTf : reader.Flag("sublinear_tf", defaults.SublinearTf),
            HashingBits = reader.OptionalInteger("hashing_bits", "none", 4, 24) ?? defaults.HashingBits,
        };
    }

    internal IEnumerable<KeyValuePair<string, string>> ToParameters(bool counts = false) =>
    [
        new("analyzer", Analyzer == TextAnalyzer.Word ? "word" : "char"),
        new("ngrams", $"{OptionText.Of(LeastLength)}-{OptionText.Of(MostLength)}"),
        new("min_df", OptionText.Of(MinDf, "auto")),
        new("max_terms", OptionText.Of(MaxTerms, "none")),
        new("hashing_bits", OptionText.Of(HashingBits, "none")),
        .. counts ? [] : new KeyValuePair<string, string>[] { new("sublinear_tf", OptionText.Of(SublinearTf)) },
    ];
}
