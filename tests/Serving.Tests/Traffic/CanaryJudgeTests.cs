using System.Text.Json;
using Gyre.Numerics;
using Gyre.Serving.Traffic;
using Gyre.Serving.Traffic.Canary;
using Gyre.Serving.Traffic.Policies;
using Gyre.Serving.Traffic.Statistics;

namespace Gyre.Serving.Tests.Traffic;

public sealed class CanaryJudgeTests
{
    private static readonly CanaryPolicy Policy = (CanaryPolicy)PolicyReader.Read(
        JsonElement.Parse("""{"policy": "canary", "challenger": 2, "minDuration": "10m", "maxDuration": "1d"}"""));

    [Fact]
    public void Decide_TooFewRequests_WaitsAndGivesUpAfterTheLimit()
    {
        var evidence = Evidence(champion: (5000, 0), challenger: (50, 0));
        Assert.Equal(new CanaryDecision(CanaryAction.Wait, "50 of 100 requests"), Decide(evidence, TimeSpan.FromHours(2)));
        var late = Decide(evidence, TimeSpan.FromDays(1));
        Assert.Equal(CanaryAction.RollBack, late.Action);
        Assert.Contains("too little", late.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Decide_GoodChallenger_StepsAndAtTheLastStepFinishes()
    {
        var evidence = Evidence(champion: (5000, 5), challenger: (500, 0));
        Assert.Equal(CanaryAction.Wait, Decide(evidence, TimeSpan.FromMinutes(9)).Action);
        Assert.Equal(CanaryAction.Advance, Decide(evidence, TimeSpan.FromMinutes(10)).Action);
        Assert.Equal(CanaryAction.Wait, Decide(evidence, TimeSpan.FromMinutes(10), paused: true).Action);
        Assert.Equal(CanaryAction.Finish, Decide(evidence, TimeSpan.FromMinutes(10), step: 3).Action);
    }

    [Theory]
    [InlineData(20_000, 0, 2, 2, 0.01)] // two of its first two requests
    [InlineData(10_000, 100, 1000, 60, 0.05)] // 1 % and 6 %
    [InlineData(3000, 3, 3000, 3000, 1)] // the last step, where the champion answered only before
    public void Decide_FailingChallenger_IsTakenBack_AlsoWhenPaused(
        int champion, int championFailed, int challenger, int challengerFailed, double share)
    {
        var evidence = Evidence((champion, championFailed), (challenger, challengerFailed), share);
        foreach (var paused in new[] { false, true })
        {
            var decision = Decide(evidence, TimeSpan.FromSeconds(1), paused);
            Assert.Equal(CanaryAction.RollBack, decision.Action);
            Assert.Contains("failed", decision.Reason, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(100, 1, 100, 3)] // chance
    [InlineData(100_000, 0, 100_000, 900)] // certain, but within what the policy allows
    [InlineData(10_000, 3000, 1000, 300)] // both alike
    public void Decide_DifferenceThatIsChanceOrAllowed_IsNoReason(
        int champion, int championFailed, int challenger, int challengerFailed)
    {
        var evidence = Evidence((champion, championFailed), (challenger, challengerFailed),
            challenger / (double)(champion + challenger));
        Assert.Equal(CanaryAction.Advance, Decide(evidence, TimeSpan.FromHours(1)).Action);
    }

    [Fact]
    public void Decide_ChallengerThatRefusesWhatTheChampionTakes_IsTakenBack()
    {
        var evidence = new CanaryEvidence(Arm(10_000, 0), new ArmCounts(100, 0, 40, LatencyHistogram.Empty), 0.01, null);
        Assert.Contains("refused", Decide(evidence, TimeSpan.FromSeconds(5)).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Decide_SlowChallenger_IsTakenBack_ButNotForLessThanAMillisecond()
    {
        var slow = new CanaryEvidence(Arm(5000, 0, 4), Arm(60, 0, 12), 0.01, null);
        Assert.Contains("99th percentile", Decide(slow, TimeSpan.FromSeconds(5)).Reason, StringComparison.Ordinal);
        var fast = new CanaryEvidence(Arm(5000, 0, 0.2), Arm(1000, 0, 0.7), 0.01, null);
        Assert.Equal(CanaryAction.Advance, Decide(fast, TimeSpan.FromHours(1)).Action);
    }

    [Fact]
    public void Decide_WorseMetric_IsTakenBack_AndAsGoodIsNot()
    {
        var random = new SeededRandom(5);
        var champion = Moments(2000, () => Math.Abs(random.NextNormal()));
        Assert.Equal(CanaryAction.Advance, WithLosses(Moments(500, () => Math.Abs(random.NextNormal()))).Action);
        var worse = WithLosses(Moments(500, () => 2 * Math.Abs(random.NextNormal())));
        Assert.Equal(CanaryAction.RollBack, worse.Action);
        Assert.Contains("absolute_error", worse.Reason, StringComparison.Ordinal);

        CanaryDecision WithLosses(RunningMoments challenger) => Decide(
            Evidence((5000, 0), (1000, 0)) with { Losses = new LossEvidence("absolute_error", champion, challenger) },
            TimeSpan.FromHours(1));
    }

    [Fact]
    public void Decide_AsGoodChallenger_LookedAtAfterEveryRequest_IsSeldomTakenBack()
    {
        // 200 canaries of 3,000 requests at 5 %, both arms failing in 2 %: looked at every 10 requests.
        var takenBack = Enumerable.Range(0, 200).Count(i => IsTakenBack(SeededRandom.ForStream(3, (ulong)i)));
        Assert.InRange(takenBack, 0, 2);
    }

    private static bool IsTakenBack(SeededRandom random)
    {
        var (champion, challenger) = (new ArmCounters(), new ArmCounters());
        for (var n = 1; n <= 3000; n++)
        {
            var arm = random.NextDouble() < 0.05 ? challenger : champion;
            var latency = TimeSpan.FromMilliseconds(2 * Math.Exp(random.NextNormal()));
            arm.Observe(random.NextDouble() < 0.02 ? RequestOutcome.Failed : RequestOutcome.Answered, latency);
            if (n % 10 == 0 && CanaryJudge.Harm(Policy.Guards,
                    new CanaryEvidence(champion.Read(), challenger.Read(), 0.05, null)) is not null) return true;
        }

        return false;
    }

    private static CanaryDecision Decide(CanaryEvidence evidence, TimeSpan inStep, bool paused = false, int step = 0) =>
        CanaryJudge.Decide(Policy, step, paused, inStep, evidence);

    private static CanaryEvidence Evidence(
        (int Requests, int Failed) champion, (int Requests, int Failed) challenger, double share = 0.05) =>
        new(Arm(champion.Requests, champion.Failed), Arm(challenger.Requests, challenger.Failed), share, null);

    private static ArmCounts Arm(int requests, int failed, double milliseconds = 2)
    {
        var counters = new ArmCounters();
        for (var i = 0; i < requests; i++)
        {
            counters.Observe(i < failed ? RequestOutcome.Failed : RequestOutcome.Answered,
                TimeSpan.FromMilliseconds(milliseconds));
        }

        return counters.Read();
    }

    private static RunningMoments Moments(int count, Func<double> draw) =>
        Enumerable.Range(0, count).Aggregate(default(RunningMoments), (sum, _) => sum.Add(draw()));
}
