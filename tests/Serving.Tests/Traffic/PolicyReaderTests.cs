using System.Text.Json;
using Gyre.Primitives;
using Gyre.Serving.Traffic.Policies;
using Gyre.Serving.Traffic.Statistics;
using Gyre.Serving.Traffic.Outcomes;

namespace Gyre.Serving.Tests.Traffic;

public sealed class PolicyReaderTests
{
    [Theory]
    [InlineData("""{"policy":"champion"}""")]
    [InlineData("""{"policy":"canary","challenger":7}""")]
    [InlineData("""{"policy":"canary","challenger":7,"steps":[0.5,50,100],"minRequests":1,"minDuration":"90s","maxDuration":"2h","guards":{"errors":0,"latency":1.5,"metric":"log_loss","metricWorse":0,"minFeedback":30,"alpha":0.01}}""")]
    [InlineData("""{"policy":"canary","challenger":7,"key":"column:customer"}""")]
    [InlineData("""{"policy":"shadow","challenger":7,"sample":0.25}""")]
    [InlineData("""{"policy":"ab","arms":[{"name":"a","version":1,"weight":3},{"name":"b","version":2}],"metric":"actual","alpha":0.01,"effect":0.5}""")]
    public void Read_Written_IsTheSame(string json)
    {
        var policy = PolicyReader.Read(JsonElement.Parse(json));
        var written = PolicyWriter.Write(policy).ToJsonString();
        Assert.Equal(written, PolicyWriter.Write(PolicyReader.Read(JsonElement.Parse(written))).ToJsonString());
        foreach (var field in JsonElement.Parse(json).EnumerateObject().Where(f => f.Name != "arms"))
            Assert.True(JsonElement.DeepEquals(field.Value, JsonElement.Parse(written).GetProperty(field.Name)), field.Name);
    }

    [Theory]
    [InlineData("[]", "JSON object")]
    [InlineData("{}", "'policy' is missing")]
    [InlineData("""{"policy":"blue"}""", "none of ab, canary, champion, shadow")]
    [InlineData("""{"policy":"canary"}""", "'challenger' is missing")]
    [InlineData("""{"policy":"canary","challenger":0}""", "'challenger'")]
    [InlineData("""{"policy":"canary","challenger":2.5}""", "'challenger'")]
    [InlineData("""{"policy":"canary","challenger":2,"steps":[5,1,100]}""", "'steps'")]
    [InlineData("""{"policy":"canary","challenger":2,"steps":[5]}""", "'steps' do not end with 100")]
    [InlineData("""{"policy":"canary","challenger":2,"steps":[]}""", "'steps'")]
    [InlineData("""{"policy":"canary","challenger":2,"minDuration":"soon"}""", "'soon'")]
    [InlineData("""{"policy":"canary","challenger":2,"minDuration":"8d"}""", "'maxDuration'")]
    [InlineData("""{"policy":"canary","challenger":2,"guard":{}}""", "no setting 'guard'")]
    [InlineData("""{"policy":"canary","challenger":2,"guards":{"error":1}}""", "guards: there is no setting 'error'")]
    [InlineData("""{"policy":"canary","challenger":2,"guards":{"metric":"rmse"}}""", "'metric' is none of")]
    [InlineData("""{"policy":"canary","challenger":2,"key":"column:"}""", "'key' is neither")]
    [InlineData("""{"policy":"canary","challenger":2,"key":"cookie"}""", "'key' is neither")]
    [InlineData("""{"policy":"shadow","challenger":2,"key":"column:x"}""", "no setting 'key'")]
    [InlineData("""{"policy":"shadow","challenger":2,"sample":0}""", "'sample'")]
    [InlineData("""{"policy":"ab","arms":[{"name":"a","version":1}]}""", "'arms'")]
    [InlineData("""{"policy":"ab","arms":[{"name":"a","version":1},{"name":"a","version":2}]}""", "name twice")]
    [InlineData("""{"policy":"ab","arms":[{"name":"a","version":1},{"name":"b","version":1}]}""", "version twice")]
    [InlineData("""{"policy":"ab","arms":[{"name":"a b","version":1},{"name":"b","version":2}]}""", "arm 0: 'name'")]
    public void Read_Mistake_IsNamed(string json, string cause)
    {
        var error = Assert.Throws<GyreException>(() => PolicyReader.Read(JsonElement.Parse(json)));
        Assert.Equal(ErrorCode.InvalidInput, error.Code);
        Assert.Contains(cause, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("absolute_error", "3.5", "5", 1.5)]
    [InlineData("squared_error", "3.5", "5", 2.25)]
    [InlineData("error", """{"label":"1","probabilities":{"0":0.2,"1":0.8}}""", "1", 0)]
    [InlineData("error", """{"label":1,"probabilities":{"0":0.2,"1":0.8}}""", "\"0\"", 1)]
    [InlineData("brier", """{"label":"a","probabilities":{"a":0.8,"b":0.2}}""", "\"b\"", 1.28)]
    [InlineData("log_loss", """{"label":"a","probabilities":{"a":0.5,"b":0.5}}""", "\"b\"", 0.693147180559945)]
    [InlineData("actual", "0.3", "true", 1)]
    public void Compute_Metric(string metric, string output, string actual, double expected) => Assert.Equal(
        expected, OutcomeMetric.Compute(metric, JsonElement.Parse(output), JsonElement.Parse(actual))!.Value, 1e-12);

    [Fact]
    public void Compute_OfAnotherKind_IsNull()
    {
        Assert.Null(OutcomeMetric.Compute("error", JsonElement.Parse("1.5"), JsonElement.Parse("1")));
        Assert.Null(OutcomeMetric.Compute("absolute_error", JsonElement.Parse("1.5"), JsonElement.Parse("\"x\"")));
        Assert.Equal("absolute_error", OutcomeMetric.DefaultFor(JsonElement.Parse("1.5")));
    }

    [Fact]
    public void LatencyHistogram_Quantiles_LieWithinABucket_AndTextIsLossless()
    {
        var counters = new Gyre.Serving.Traffic.ArmCounters();
        for (var i = 1; i <= 1000; i++)
            counters.Observe(Gyre.Serving.Traffic.RequestOutcome.Answered, TimeSpan.FromMicroseconds(i * 10));
        var latency = counters.Read().Latency;
        Assert.InRange(latency.Quantile(0.5)!.Value.TotalMicroseconds, 5000, 5000 * 1.1);
        Assert.InRange(latency.Quantile(0.99)!.Value.TotalMicroseconds, 9900, 9900 * 1.1);
        Assert.Equal(latency.Counts.ToArray(), LatencyHistogram.Parse(latency.ToText()).Counts.ToArray());
        Assert.Equal(2000, latency.Add(latency).Total);
        Assert.Null(LatencyHistogram.Empty.Quantile(0.5));
    }
}
