using System.Text;
using Gyre.Fixtures;
using Gyre.Tabular;
using Gyre.Training;

namespace Gyre.Models.Tests;

/// <summary>Graphs with text inside against their trainers.</summary>
public sealed class TextParityTests
{
    private static readonly string[] Words =
    [
        "free", "FREE", "Free", "fReE", "prize", "naïve", "NAÏVE", "Über", "über", "ÜBER", "üBer", "привет", "ПРИВЕТ",
        "Привет", "приВет", "İstanbul", "ISTANBUL", "ıstanbul", "ǅ", "ǆabc", "ẞharp", "straße", "日本語", "x2", "a", "_", "_a", "ﬁx",
        "don't", "e\u0301te\u0301", "😀", "😀😀", "𐐀𐐁", "𐐨𐐩", "²³", "Ⅷⅷ", "٣٤", "ΣΑΣ", "σας", "σασ", "\uD800", "Ⓐⓑ",
    ];

    private static readonly string[] Gaps = [" ", "  ", "\n", "\r\n", "\t", "\u00a0", "\u2003", "\u3000", ",", ".", "-", "", "\0 "];

    [Theory]
    [InlineData(TaskKind.Binary, TextAnalyzer.Word, 1, 2, null)]
    [InlineData(TaskKind.Multiclass, TextAnalyzer.Word, 1, 3, null)]
    [InlineData(TaskKind.Multiclass, TextAnalyzer.Char, 2, 4, null)]
    [InlineData(TaskKind.Regression, TextAnalyzer.Word, 2, 2, null)]
    [InlineData(TaskKind.Binary, TextAnalyzer.Word, 1, 2, 5)]
    public void Export_LinearOnAnyText_PredictsAsTheTrainer(
        TaskKind task, TextAnalyzer analyzer, int least, int most, int? bits)
    {
        var options = new TextOptions
        {
            Analyzer = analyzer, LeastLength = least, MostLength = most, HashingBits = bits,
        };
        var pipeline = new LinearTrainer(new LinearOptions { Text = options, MaxIterations = 30 })
            .Train(FuzzSet(task), null, new TrainingContext());
        using var scorer = Scorer(pipeline);
        var rows = FuzzRows(600, seed: 7);
        ParityCheck.Compare(pipeline.Predict(rows), scorer, rows).Require();
        foreach (var row in Enumerable.Range(0, 40))
            ParityCheck.Compare(pipeline.Predict(rows.Take([row])), scorer, rows.Take([row])).Require();
    }

    [Theory]
    [InlineData(TaskKind.Binary, TextAnalyzer.Word)]
    [InlineData(TaskKind.Multiclass, TextAnalyzer.Char)]
    public void Export_NaiveBayesOnAnyText_PredictsAsTheTrainer(TaskKind task, TextAnalyzer analyzer)
    {
        var options = new NaiveBayesOptions { Text = new TextOptions { Analyzer = analyzer } };
        var pipeline = new NaiveBayesTrainer(options).Train(FuzzSet(task), null, new TrainingContext());
        using var scorer = Scorer(pipeline);
        var rows = FuzzRows(600, seed: 7);
        ParityCheck.Compare(pipeline.Predict(rows), scorer, rows).Require();
    }

    [Theory]
    [InlineData(TaskKind.Binary)]
    [InlineData(TaskKind.Multiclass)]
    public void Export_TreesOnAnyText_PredictsAsTheTrainer(TaskKind task)
    {
        var options = new BoostingOptions { Rounds = 30, Text = new TextOptions { MaxTerms = 100 } };
        var pipeline = new BoostingTrainer(options).Train(FuzzSet(task), null, new TrainingContext());
        using var scorer = Scorer(pipeline);
        var rows = FuzzRows(600, seed: 7);
        ParityCheck.Compare(pipeline.Predict(rows), scorer, rows).Require();
    }

    [Fact]
    public void Export_TextWithoutTerms_PredictsTheIntercept()
    {
        var rows = new Table(
        [
            Text("text", "a", "b", "", "!?"),
            new Column<bool>("target", ColumnType.Boolean, [true, false, true, true]),
        ]);
        var set = TrainingSet.Create(rows, "target", TaskKind.Binary, ["text"]);
        var pipeline = new LinearTrainer().Train(set, null, new TrainingContext());
        using var scorer = Scorer(pipeline);
        Assert.Equal(0.75, pipeline.Predict(rows).Values[0], 1e-4);
        ParityCheck.Compare(pipeline.Predict(rows), scorer, rows).Require();
    }

    [Fact]
    public void Export_VeryLongText_PredictsAsTheTrainer()
    {
        var pipeline = new LinearTrainer().Train(FuzzSet(TaskKind.Binary), null, new TrainingContext());
        using var scorer = Scorer(pipeline);
        var text = string.Join(' ', Enumerable.Range(0, 200_000).Select(i => Words[i % Words.Length]));
        var rows = FuzzRows(1, 3).Without("text").With(Text("text", text));
        ParityCheck.Compare(pipeline.Predict(rows), scorer, rows).Require();
    }

    [Fact]
    public void Export_EveryCodePoint_PartsWordsAsTheTrainer()
    {
        var stride = Environment.GetEnvironmentVariable("GYRE_LONG") == "1" ? 1 : 11;

        // Between 'aa' and 'bb' a code point of a word makes one token of it, any other makes two.
        var rows = new Table(
        [
            Text("text", "aa bb", "aa", "bb", "cc"),
            new Column<double>("target", ColumnType.Numeric, [3, 1, 2, 0]),
        ]);
        var options = new LinearOptions { Text = new TextOptions { MostLength = 1, SublinearTf = false } };
        var pipeline = new LinearTrainer(options).Train(
            TrainingSet.Create(rows, "target", TaskKind.Regression, ["text"]), null, new TrainingContext());
        using var scorer = Scorer(pipeline);
        var all = new Table([Text("text",
            [.. Enumerable.Range(1, 0x10ffff).Where(c => Rune.IsValid(c) && (c < 0x3000 || c % stride == 0))
                .Select(c => $"aa{new Rune(c)}bb")])]);
        ParityCheck.Compare(pipeline.Predict(all), scorer, all).Require();
    }

    [SharedDataFact("sms_spam/sms_spam.csv.gz")]
    public void Export_SmsSpam_PredictsAsTheTrainer()
    {
        var cells = CsvFile.Read(TestData.Shared("sms_spam/sms_spam.csv.gz")!);
        var table = new Table([Text("text", cells["text"]), Text("label", cells["label"])]);
        var set = TrainingSet.Create(table, "label", TaskKind.Binary, ["text"], "spam");
        int[] train = [.. Enumerable.Range(0, set.RowCount).Where(r => r % 5 != 0)];
        int[] test = [.. Enumerable.Range(0, set.RowCount).Where(r => r % 5 == 0)];
        var pipeline = new LinearTrainer().Train(set.Take(train), null, new TrainingContext(Threads: 2));
        using var scorer = Scorer(pipeline);
        var rows = table.Take(test);
        ParityCheck.Compare(pipeline.Predict(rows), scorer, rows).Require();
        foreach (var text in new[] { "", "zzzzz", "free" })
        {
            var one = new Table([Text("text", text)]);
            ParityCheck.Compare(pipeline.Predict(one), scorer, one).Require();
        }

        Assert.True(scorer.MeasureLatency(rows).P50.TotalMilliseconds < 1);
    }

    private static ModelScorer Scorer(FittedPipeline pipeline) =>
        ModelScorer.FromBytes(OnnxExporter.Export(pipeline, [], pipeline.Inputs));

    private static TrainingSet FuzzSet(TaskKind task)
    {
        var rows = FuzzRows(400, seed: 1);
        var texts = (CategoricalColumn)rows["text"];
        var scores = Enumerable.Range(0, rows.RowCount).Select(r => (texts.StringAt(r) ?? "").Length % 7.0).ToArray();
        Column target = task switch
        {
            TaskKind.Regression => new Column<double>("target", ColumnType.Numeric, scores),
            TaskKind.Binary => new Column<bool>("target", ColumnType.Boolean, Array.ConvertAll(scores, s => s > 3)),
            _ => new Column<long>("target", ColumnType.Integer, Array.ConvertAll(scores, s => (long)s % 3)),
        };
        return TrainingSet.Create(rows.With(target), "target", task, ["x", "text", "color", "note"]);
    }

    /// <summary>Texts of odd words, some missing, beside a number and a category.</summary>
    private static Table FuzzRows(int count, int seed)
    {
        var random = new Random(seed);
        string? Make()
        {
            if (random.Next(12) == 0) return null;
            var text = new StringBuilder();
            for (var i = random.Next(12); i > 0; i--)
            {
                if (random.Next(9) == 0) text.Append((Rune)RandomRune(random));
                else text.Append(Words[random.Next(Words.Length)]);
                text.Append(random.Next(3) == 0 ? Gaps[random.Next(Gaps.Length)] : " ");
            }

            return text.ToString();
        }

        string?[] Texts() => [.. Enumerable.Range(0, count).Select(_ => Make())];
        return new Table(
        [
            new Column<double>("x", ColumnType.Numeric,
                [.. Enumerable.Range(0, count).Select(i => i % 5 == 0 ? double.NaN : random.NextDouble())]),
            CategoricalColumn.FromValues("color", ColumnType.Categorical,
                Enumerable.Range(0, count).Select(_ => random.Next(4) == 0 ? null : $"c{random.Next(3)}")),
            CategoricalColumn.FromValues("text", ColumnType.Text, Texts()),
            CategoricalColumn.FromValues("note", ColumnType.Text, Texts()),
        ]);
    }

    private static int RandomRune(Random random)
    {
        int value;
        do value = random.Next(2) == 0 ? random.Next(0x3000) : random.Next(0x110000);
        while (!Rune.IsValid(value) || value == 0);
        return value;
    }

    private static CategoricalColumn Text(string name, params string?[] texts) =>
        CategoricalColumn.FromValues(name, ColumnType.Text, texts);
}
