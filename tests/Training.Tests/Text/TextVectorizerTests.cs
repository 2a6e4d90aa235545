using System.Text.Json;
using Gyre.Primitives;
using Gyre.Tabular;
using Gyre.Training.Tests.Golden;

namespace Gyre.Training.Tests.Text;

public sealed class TextVectorizerTests
{
    private static readonly JsonElement File = GoldenFile.Read("text.json");

    public static TheoryData<string, TextOptions> Golden() => new()
    {
        { "word 1-2 sublinear", new TextOptions() },
        { "word 1-1 min_df 2", new TextOptions { MostLength = 1, MinDf = 2, SublinearTf = false } },
        { "word 2-3", new TextOptions { LeastLength = 2, MostLength = 3 } },
        { "char 2-3", new TextOptions { Analyzer = TextAnalyzer.Char, LeastLength = 2, MostLength = 3 } },
    };

    [Theory]
    [MemberData(nameof(Golden))]
    public void Transform_AgainstScikitLearn_SameTermsAndWeights(string name, TextOptions options)
    {
        var column = Sentences();
        var vectorizer = TextVectorizerFitter.Fit(column, options, weighted: true, default);
        var rows = vectorizer.Transform(column);
        var found = new Dictionary<(int Row, string Term), double>();
        for (var row = 0; row < rows.Rows; row++)
        {
            foreach (var (i, c) in rows.Columns(row).ToArray().Index())
                found.Add((row, vectorizer.ColumnName(c)), rows.Values(row)[i]);
        }

        var expected = File.GetProperty("vectors").GetProperty(name).GetProperty("rows").EnumerateArray().ToArray();
        Assert.NotEmpty(expected);
        Assert.Equal(expected.Length, found.Count);
        foreach (var entry in expected)
        {
            var key = (entry.GetProperty("row").GetInt32(), entry.GetProperty("term").GetString()!);
            Assert.Equal(entry.GetProperty("weight").GetDouble(), found[key], 1e-6);
        }
    }

    [Theory]
    [InlineData("Free FREE fReE", "free free free")]
    [InlineData("Über ÜBER über üBer", "über über über über")]
    [InlineData("привет ПРИВЕТ Привет", "привет привет привет")]
    [InlineData("приВЕТ", "приВЕТ")] // mixed case beyond ASCII is no form of a table
    [InlineData("don't a b cd e-mail", "don cd mail")]
    [InlineData("one\ntwo\tthree\u00a0four", "one two three four")]
    [InlineData("cut\0off", "cut")]
    [InlineData("😀 日本語 x²", "日本語 x²")]
    [InlineData("", "")]
    [InlineData(null, "")]
    public void Cut_Words_AreLongestRunsInLowerCase(string? text, string expected)
    {
        var tokens = new List<string>();
        TextTokens.Cut(text, TextAnalyzer.Word, tokens);
        Assert.Equal(expected, string.Join(' ', tokens));
    }

    [Fact]
    public void Forms_OfAnyToken_FoldToItAndToNothingElse()
    {
        var random = new Random(4);
        for (var i = 0; i < 20_000; i++)
        {
            var letters = Enumerable.Range(0, 1 + random.Next(3)).Select(_ =>
                char.ConvertFromUtf32(random.Next(3) == 0 ? random.Next('a', 'z') : random.Next(0xc0, 0x2d00)));
            var token = TextTokens.Fold(string.Concat(letters));
            Assert.Equal(token, TextTokens.Fold(token));
            Assert.Contains(token, TextTokens.Forms(token));
            Assert.All(TextTokens.Forms(token), form => Assert.Equal(token, TextTokens.Fold(form)));
        }
    }

    [Fact]
    public void Fit_MaxTerms_KeepsTheMostFrequent()
    {
        var column = CategoricalColumn.FromValues("t", ColumnType.Text, ["aa bb", "aa bb cc", "aa", "dd cc", "aa dd"]);
        var vectorizer = TextVectorizerFitter.Fit(
            column, new TextOptions { MostLength = 1, MaxTerms = 2 }, weighted: false, default);
        Assert.Equal(["aa", "bb"], vectorizer.Tokens.ToArray());
    }

    [Fact]
    public void Fit_HashingBits_BoundsTheWidthAndKeepsCounts()
    {
        var column = Sentences();
        var plain = TextVectorizerFitter.Fit(column, new TextOptions(), weighted: false, default);
        var hashed = TextVectorizerFitter.Fit(column, new TextOptions { HashingBits = 5 }, weighted: false, default);
        Assert.InRange(hashed.Width, 20, 32);
        Assert.True(plain.Width > 100);
        for (var row = 0; row < column.Length; row++)
        {
            Assert.Equal(plain.Transform(column).Values(row).ToArray().Sum(), hashed.Transform(column).Values(row).ToArray().Sum());
        }
    }

    [Theory]
    [InlineData("linear")]
    [InlineData("naive_bayes")]
    [InlineData("boosting")]
    public void Train_TextTwice_SameModel(string name)
    {
        var table = new Table([Sentences(), Labels()]);
        var set = TrainingSet.Create(table, "label", TaskKind.Binary, ["text"]);
        var trainer = TrainerFactory.Create(name, new Dictionary<string, string>(), TaskKind.Binary);
        var first = trainer.Train(set, null, new TrainingContext(Threads: 2)).Predict(table).Values.ToArray();
        Assert.Equal(first, trainer.Train(set, null, new TrainingContext(Threads: 2)).Predict(table).Values.ToArray());
    }

    [Fact]
    public void Train_TextOfDriftingWords_UnknownOnesAreIgnored()
    {
        var table = new Table([Sentences(), Labels()]);
        var set = TrainingSet.Create(table, "label", TaskKind.Binary, ["text"]);
        var pipeline = new LinearTrainer().Train(set, null, new TrainingContext());
        var rows = new Table([CategoricalColumn.FromValues("text", ColumnType.Text, ["zzz yyy", null, ""])]);
        var said = pipeline.Predict(rows).Values.ToArray();
        Assert.All(said, p => Assert.Equal(said[0], p));
    }

    [Fact]
    public void Train_TextWhereTheTrainerTakesNone_SaysWhichCan()
    {
        var set = TrainingSet.Create(new Table([Sentences(), Labels()]), "label", TaskKind.Binary, ["text"]);
        var numbers = new NumbersOnly();
        var error = Assert.Throws<GyreException>(() => TrainingGuard.Check(numbers, set, new TrainingContext()));
        Assert.Contains("column 'text', which is free text", error.Message);
        Assert.Contains("linear, naive_bayes", error.Message);
    }

    [Fact]
    public void Train_Cancelled_Stops()
    {
        var set = TrainingSet.Create(new Table([Sentences(), Labels()]), "label", TaskKind.Binary, ["text"]);
        using var source = new CancellationTokenSource();
        source.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() =>
            new NaiveBayesTrainer().Train(set, null, new TrainingContext(CancellationToken: source.Token)));
    }

    private static CategoricalColumn Sentences() => CategoricalColumn.FromValues("text", ColumnType.Text,
        File.GetProperty("sentences").EnumerateArray().Select(s => s.GetString()));

    private static Column<long> Labels() =>
        new("label", ColumnType.Integer, Array.ConvertAll(File.Numbers("labels"), v => (long)v));

    private sealed class NumbersOnly : ITrainer
    {
        public string Name => "numbers";

        public IReadOnlyDictionary<string, string> Parameters { get; } = new Dictionary<string, string>();

        public FittedPipeline Train(TrainingSet train, TrainingSet? validation, TrainingContext context) =>
            throw new NotSupportedException();
    }
}
