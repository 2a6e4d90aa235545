using Gyre.Fixtures;
using Xunit.Abstractions;

namespace Gyre.Training.Tests.Quality;

/// <summary>
/// Boosting with default settings on the ten tabular sets of the baselines: in each metric named here at least as good as
/// the better of XGBoost 1.7.4 (hist, 200 rounds, depth 6, eta 0.1) and scikit-learn 1.2.1 (HistGradientBoosting, 200
/// iterations, 31 leaves), minus half a per cent. The figures were measured once, on the same rows.
/// </summary>
public sealed class QualityTests(ITestOutputHelper output)
{
    private const double Slack = 0.005;

    [Fact]
    public void Boosting_BikeHourly_MeetsTheBar() => Check(Baseline.Bike, ("rmse", 69.6775), ("mae", 47.6057));

    [SharedDataFact("adult/adult.csv.gz")]
    public void Boosting_Adult_MeetsTheBar() =>
        Check(Baseline.Adult, ("roc_auc", 0.9318), ("log_loss", 0.2758), ("accuracy", 0.8719));

    [SharedDataFact("german_credit/german_credit.csv.gz")]
    public void Boosting_GermanCredit_MeetsTheBar() =>
        Check(Baseline.German, ("roc_auc", 0.7328), ("log_loss", 0.7287), ("accuracy", 0.76));

    [SharedDataFact("telco_churn/telco_churn.csv.gz")]
    public void Boosting_TelcoChurn_MeetsTheBar() =>
        Check(Baseline.Telco, ("roc_auc", 0.8121), ("log_loss", 0.4774), ("accuracy", 0.7878));

    [SharedDataFact("california_housing/california_housing.csv.gz")]
    public void Boosting_CaliforniaHousing_MeetsTheBar() =>
        Check(Baseline.Housing, ("rmse", 46092.4017), ("mae", 30859.288));

    [SharedDataFact("diamonds/diamonds.csv.gz")]
    public void Boosting_Diamonds_MeetsTheBar() => Check(Baseline.Diamonds, ("rmse", 541.2865), ("mae", 273.3955));

    [SharedDataFact("taxi_fare/taxi_fare.csv.gz")]
    public void Boosting_TaxiFare_MeetsTheBar() => Check(Baseline.Taxi, ("rmse", 2.3448), ("mae", 0.4044));

    [LongSharedDataFact("letter_recognition/letter_recognition.csv.gz")]
    public void Boosting_LetterRecognition_MeetsTheBar() =>
        Check(Baseline.Letter, ("accuracy", 0.9742), ("log_loss", 0.0962), ("f1", 0.9742));

    [LongSharedDataFact("kddcup99/kddcup99_10pct.csv.gz")]
    public void Boosting_KddCup99_MeetsTheBar() =>
        Check(Baseline.Intrusions, ("roc_auc", 1), ("log_loss", 0.000475), ("accuracy", 0.9999));

    [LongSharedDataFact("flights_2001/flights_2001_jan_feb.csv.gz")]
    public void Boosting_Flights2001_MeetsTheBar() =>
        Check(Baseline.Flights, ("roc_auc", 0.6973), ("log_loss", 0.5269), ("accuracy", 0.7578));

    private void Check(Baseline baseline, params (string Metric, double Best)[] bars)
    {
        var (train, test) = baseline.Load();
        var pipeline = new BoostingTrainer().Train(train, null, new TrainingContext(Seed: 1, Threads: 2));
        var metrics = Metrics.Evaluate(test, pipeline.Predict(test.Features));
        foreach (var metric in metrics) output.WriteLine($"{metric.Key} {metric.Value:F6}");
        foreach (var (metric, best) in bars)
        {
            if (Metrics.HigherIsBetter(metric))
                Assert.True(metrics[metric] >= best * (1 - Slack), $"{metric} {metrics[metric]} against {best}");
            else Assert.True(metrics[metric] <= best * (1 + Slack), $"{metric} {metrics[metric]} against {best}");
        }
    }
}
