using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Gyre.Primitives;
using Gyre.Serving.Traffic.Statistics;

namespace Gyre.Cli.Commands;

/// <summary>`gyre traffic plan`: how many observations an A/B test needs.</summary>
internal static class TrafficPlan
{
    public static Command Create()
    {
        var baseline = new Option<double?>("--baseline") { Description = "The share in the control arm, for shares." };
        var deviation = new Option<double?>("--sd") { Description = "The standard deviation of one observation, for means." };
        var effect = new Option<double>("--effect", "--mde")
        {
            Description = "The smallest difference worth finding, absolute.", Required = true,
        };
        var power = new Option<double>("--power") { Description = "The chance to find it.", DefaultValueFactory = _ => 0.8 };
        var alpha = new Option<double>("--alpha")
        {
            Description = "The chance of a false finding.", DefaultValueFactory = _ => 0.05,
        };
        var arms = new Option<int>("--arms") { Description = "Arms with the control.", DefaultValueFactory = _ => 2 };
        var json = CommonOptions.JsonOutput();
        var command = new Command("plan",
            """
            Say how many observations an A/B test needs, before it is begun.

            Examples:
              gyre traffic plan --baseline 0.12 --effect 0.01 --power 0.8 --alpha 0.05
              gyre traffic plan --sd 2.5 --effect 0.2
            """)
        {
            baseline, deviation, effect, power, alpha, arms, json,
        };
        command.SetAction((parsed, _) =>
        {
            var plan = Plan(parsed.GetValue(baseline), parsed.GetValue(deviation), parsed.GetValue(effect),
                parsed.GetValue(power), parsed.GetValue(alpha), parsed.GetValue(arms));
            Console.WriteLine(parsed.GetValue(json)
                ? new JsonObject { ["perArm"] = plan.PerArm, ["sequentialPerArm"] = plan.SequentialPerArm }.ToJsonString()
                : string.Create(CultureInfo.InvariantCulture,
                    $"""
                    {plan.PerArm:N0} observations in each arm, if the test is looked at once, at its end
                    {plan.SequentialPerArm:N0} in each arm at most, if it is looked at all the time, as Gyre does; usually fewer
                    """));
            return Task.FromResult(0);
        });
        return command;
    }

    private static SampleSizePlan Plan(
        double? baseline, double? deviation, double effect, double power, double alpha, int arms)
    {
        try
        {
            return (baseline, deviation) switch
            {
                ({ } share, null) => SampleSizePlan.ForShares(share, effect, power, alpha, arms),
                (null, { } sd) => SampleSizePlan.ForMeans(sd, effect, power, alpha, arms),
                _ => throw GyreException.Invalid("give either --baseline, for shares, or --sd, for means"),
            };
        }
        catch (ArgumentOutOfRangeException failure)
        {
            throw GyreException.Invalid($"--{failure.ParamName}: {failure.Message.Split(" (Parameter")[0]}", failure);
        }
    }
}
