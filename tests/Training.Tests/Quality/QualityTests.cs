using Gyre.Fixtures;
using Xunit.Abstractions;

namespace Gyre.Training.Tests.Quality;

/// <summary>
/// Boosting with default settings against XGBoost 1.7.4 (hist, 200 rounds, depth 6, eta 0.1) on the same rows: at
/// least as good within 1 % relative. The expected figures were measured once with XGBoost; see each test.
/// </summary>
public sealed class QualityTests(ITestOutputHelper output)
{
    private const double Slack = 0.01;

    [Fact]
    public void Boosting_BikeHourly_AsGoodAsXgboost() => Check(Baseline.Bike, ("rmse", 75.037));

    [SharedDataFact("adult/adult.csv.gz")]
    public void Boosting_Adult_AsGoodAsXgboost() => Check(Baseline.Adult, ("roc_auc", 0.9313), ("log_loss", 0.2758));

    [SharedDataFact("telco_churn/telco_churn.csv.gz")]
    public void Boosting_TelcoChurn_AsGoodAsXgboost() =>
        Check(Baseline.Telco, ("roc_auc", 0.8087), ("log_loss", 0.4774));

    [SharedDataFact("california_housing/california_housing.csv.gz")]
    public void Boosting_CaliforniaHousing_AsGoodAsXgboost() => Check(Baseline.Housing, ("rmse", 46832.2993));

    [SharedDataFact("letter_recognition/letter_recognition.csv.gz")]
    public void Boosting_LetterRecognition_AsGoodAsXgboost() =>
        Check(Baseline.Letter, ("accuracy", 0.9607), ("log_loss", 0.1195));

    private void Check(Baseline baseline, params (string Metric, double Xgboost)[] bars)
    {
        var (train, test) = baseline.Load();
        var pipeline = new BoostingTrainer().Train(train, null, new TrainingContext(Seed: 1, Threads: 2));
        var metrics = Metrics.Evaluate(test, pipeline.Predict(test.Features));
        foreach (var (metric, xgboost) in bars)
        {
            output.WriteLine($"{metric} {metrics[metric]:F4} (XGBoost {xgboost:F4})");
            if (Metrics.HigherIsBetter(metric))
                Assert.True(metrics[metric] >= xgboost * (1 - Slack), $"{metric} {metrics[metric]}");
            else Assert.True(metrics[metric] <= xgboost * (1 + Slack), $"{metric} {metrics[metric]}");
        }
    }
}
