using System.Diagnostics;
using Gyre.Fixtures;
using Gyre.Tabular;
using Xunit.Abstractions;

namespace Gyre.Training.Tests.Quality;

/// <summary>
/// Text classifiers with default settings against scikit-learn's TF-IDF with LogisticRegression(C=10) and counts with
/// MultinomialNB(0.1) on the same rows; every fifth row tests. The expected figures were measured once with
/// scikit-learn.
/// </summary>
public sealed class TextQualityTests(ITestOutputHelper output)
{
    /// <summary>Half of one row of a thousand: figures were written down with four digits.</summary>
    private const double Rounding = 0.0005;

    [SharedDataFact("sms_spam/sms_spam.csv.gz")]
    public void Linear_SmsSpam_AsGoodAsScikitLearn() =>
        Check(new LinearTrainer(), "sms_spam", "spam", ["text"], new Scores(0.9821, 0.9608, 0.932, 0.9929));

    [SharedDataFact("sms_spam/sms_spam.csv.gz")]
    public void NaiveBayes_SmsSpam_AsGoodAsScikitLearn() =>
        Check(new NaiveBayesTrainer(), "sms_spam", "spam", ["text"], new Scores(0.9874, 0.9736, 0.9545, 0.9835));

    [SharedDataFact("sentiment_sentences/sentiment_sentences.csv.gz")]
    public void Linear_Sentiment_AsGoodAsScikitLearn() =>
        Check(new LinearTrainer(), "sentiment_sentences", "1", ["text"], new Scores(0.8467, 0.8467, 0.8451, 0.9208));

    [SharedDataFact("sentiment_sentences/sentiment_sentences.csv.gz")]
    public void NaiveBayes_Sentiment_AsGoodAsScikitLearn() =>
        Check(new NaiveBayesTrainer(), "sentiment_sentences", "1", ["text"], new Scores(0.8233, 0.8233, 0.8221, 0.8918));

    [LongSharedDataFact("spamassassin/spamassassin.csv.gz")]
    public void Linear_SpamAssassin_AsGoodAsScikitLearn() =>
        Check(new LinearTrainer(), "spamassassin", "spam", ["subject", "body"], new Scores(0.98, 0.9611, 0.934, 0.9982));

    [LongSharedDataFact("spamassassin/spamassassin.csv.gz")]
    public void NaiveBayes_SpamAssassin_AsGoodAsScikitLearn() =>
        Check(new NaiveBayesTrainer(), "spamassassin", "spam", ["subject", "body"],
            new Scores(0.9862, 0.9729, 0.9538, 0.9865));

    private void Check(ITrainer trainer, string set, string positive, string[] columns, Scores bar)
    {
        var cells = CsvFile.Read(TestData.Shared($"{set}/{set}.csv.gz")!);

        // scikit-learn was given all text of a row as one.
        var texts = cells[columns[0]].Select((_, row) => string.Join('\n', columns.Select(c => cells[c][row])));
        var table = new Table(
        [
            CategoricalColumn.FromValues("text", ColumnType.Text, texts),
            CategoricalColumn.FromValues("label", ColumnType.Categorical, cells["label"]),
        ]);
        var all = TrainingSet.Create(table, "label", TaskKind.Binary, ["text"], positive);
        var rows = Enumerable.Range(0, all.RowCount);
        var test = all.Take([.. rows.Where(r => r % 5 == 0)]);
        var watch = Stopwatch.StartNew();
        var pipeline = trainer.Train(all.Take([.. rows.Where(r => r % 5 != 0)]), null, new TrainingContext(Threads: 2));
        var seconds = watch.Elapsed.TotalSeconds;
        var scores = Scores.Of(test, pipeline.Predict(test.Features));
        output.WriteLine(FormattableString.Invariant($"{set} {trainer.Name}: {scores} in {seconds:f2} s, {(pipeline.Preprocessing as LinearPreprocessing)?.Width} terms (scikit-learn {bar})"));
        Assert.True(scores.Accuracy >= bar.Accuracy - Rounding, $"accuracy {scores.Accuracy}");
        Assert.True(scores.MacroF1 >= bar.MacroF1 - Rounding, $"macro F1 {scores.MacroF1}");
        Assert.True(scores.F1 >= bar.F1 - Rounding, $"F1 {scores.F1}");
        Assert.True(scores.Auc >= bar.Auc - Rounding, $"AUC {scores.Auc}");
    }

    private sealed record Scores(double Accuracy, double MacroF1, double F1, double Auc)
    {
        public static Scores Of(TrainingSet test, Predictions predictions)
        {
            var counts = new double[2, 2]; // actual, predicted
            for (var row = 0; row < test.RowCount; row++) counts[(int)test.Target[row], predictions.ClassAt(row)]++;
            double F1(int k) => 2 * counts[k, k] / (2 * counts[k, k] + counts[k, 1 - k] + counts[1 - k, k]);
            return new Scores((counts[0, 0] + counts[1, 1]) / test.RowCount, (F1(0) + F1(1)) / 2, F1(1),
                Metrics.Compute("roc_auc", test.Target, predictions));
        }

        public override string ToString() =>
            FormattableString.Invariant($"accuracy {Accuracy:f4}, macro F1 {MacroF1:f4}, F1 {F1:f4}, AUC {Auc:f4}");
    }
}
