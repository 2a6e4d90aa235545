using System.Diagnostics;
using Gyre.Serving.Engine;
using Gyre.Serving.Measurements;
using Gyre.Serving.Slots;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Gyre.Serving.Tests.Measurements;

public sealed class PredictionObserverTests : ILogger<PredictionObserver>
{
    private readonly List<string> _lines = [];

    [Fact]
    public void Answered_ManySlowPredictions_TellsAFewAndHowManyMore()
    {
        const int Predictions = 1000;
        using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var metrics = new ServingMetrics(
            services.GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>(), new InferenceMeasurements());
        var options = new ServingOptions { SlowPrediction = TimeSpan.Zero };
        var observer = new PredictionObserver(metrics, options, this);
        var scorer = new FakeScorer();
        using var model = new ServedModel("m", 1, new Shared<IScorer>(scorer), new Batcher(scorer, options, joins: false));
        var inputs = ExampleInputs.Of(scorer);
        var prediction = new Prediction(
            scorer.Score(inputs), ["id"], TimeSpan.Zero, TimeSpan.Zero, 0, Stopwatch.GetTimestamp(), inputs);
        var arrival = new Arrival(Stopwatch.GetTimestamp(), DateTimeOffset.UnixEpoch, InferenceProtocol.OipRest);

        for (var i = 0; i < Predictions; i++) observer.Answered(model, prediction, arrival);
        var told = _lines.Count;
        Assert.True(SpinWait.SpinUntil(() =>
        {
            observer.Answered(model, prediction, arrival);
            return _lines.Count > told;
        }, TimeSpan.FromSeconds(30)));

        Assert.InRange(told, 2, Predictions / 2);
        Assert.Contains(_lines, line => line.EndsWith("more predictions, which are not told one by one.", StringComparison.Ordinal));
    }

    IDisposable? ILogger.BeginScope<TState>(TState state) => null;

    bool ILogger.IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

    void ILogger.Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _lines.Add(formatter(state, exception));
}
