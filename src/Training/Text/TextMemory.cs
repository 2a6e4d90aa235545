using Gyre.Tabular;

namespace Gyre.Training;

/// <summary>About what text columns take in training, judged by their length before any is cut.</summary>
/// <param name="Bytes">Counting terms and holding the rows' entries.</param>
/// <param name="Terms">About the most inputs they become: in natural texts at most half of all places hold a term of
/// their own, and an eighth one that stands in several rows.</param>
internal readonly record struct TextMemory(long Bytes, long Terms)
{
    private const int CharactersPerWord = 6;

    public static TextMemory Of(TrainingSet set, TextOptions options)
    {
        long bytes = 0, terms = 0;
        foreach (var column in set.Features.Columns)
        {
            if (column is not CategoricalColumn { Type: ColumnType.Text } texts) continue;
            var tokens = texts.Categories.Sum(t => (long)t.Length)
                / (options.Analyzer == TextAnalyzer.Word ? CharactersPerWord : 1);
            var entries = tokens * (options.MostLength - options.LeastLength + 1);
            bytes += 60 * entries;
            var rare = options.DfFor(set.RowCount) == 1;
            var most = Math.Min(entries / (rare ? 2 : 8), options.MaxTerms ?? long.MaxValue);
            terms += options.HashingBits is { } bits ? Math.Min(most, 1L << bits) : most;
        }

        return new TextMemory(bytes, terms);
    }
}
