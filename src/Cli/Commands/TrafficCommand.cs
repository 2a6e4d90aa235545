using System.CommandLine;
using System.Text.Json.Nodes;
using Gyre.Primitives;

namespace Gyre.Cli.Commands;

/// <summary>`gyre traffic`: which versions of a model answer, and how that changes.</summary>
internal static class TrafficCommand
{
    public static Command Create()
    {
        var command = new Command("traffic",
            """
            Decide which versions of a model answer requests: a canary that grows by itself and is taken back by itself, a
            shadow that is only compared, an A/B test. Works on the workspace's database, which a running server follows
            within a second, or with --server over HTTP.

            Examples:
              gyre traffic show bike
              gyre traffic canary bike --challenger 2 --steps 1,5,25,100 --min-duration 10m
              gyre traffic shadow bike --challenger 2 --sample 0.5
              gyre traffic ab bike --arm old=1 --arm new=2 --effect 0.01
              gyre traffic promote bike
              gyre traffic plan --baseline 0.12 --effect 0.01 --power 0.8 --alpha 0.05
            """)
        {
            Show(), Champion(), Canary(), Shadow(), Ab(),
            Act("pause", "Hold a policy where it is; what protects the champion stays on guard."),
            Act("resume", "Let a policy that is held go on."),
            Act("promote", "Make the challenger, or one arm of a test, the champion now."),
            Act("rollback", "Give everything back to the champion."),
            TrafficPlan.Create(),
        };
        return command;
    }

    private static Command Show() => Make("show", "Show where a model's traffic stands.", [],
        (target, model, _, token) => target.ShowAsync(model, token));

    private static Command Champion() => Make("champion", "Let the champion alone answer.", [],
        (target, model, _, token) => target.SetAsync(model, new JsonObject { ["policy"] = "champion" }, token));

    private static Command Canary()
    {
        var challenger = Challenger();
        var steps = new Option<string?>("--steps") { Description = "The shares in percent; by default 1,5,25,100." };
        var requests = new Option<int?>("--min-requests") { Description = "Requests before a step may end; 100." };
        var shortest = new Option<string?>("--min-duration") { Description = "Time before a step may end; 10m." };
        var longest = new Option<string?>("--max-duration")
        {
            Description = "A step that takes longer for want of requests is taken back; 7d.",
        };
        var errors = new Option<double?>("--errors") { Description = "The largest increase of the share of errors; 0.01." };
        var latency = new Option<double?>("--latency") { Description = "The largest ratio of the 99th percentiles; 2." };
        var metric = new Option<string?>("--metric") { Description = "The loss compared by feedback, such as log_loss." };
        var feedback = new Option<int?>("--min-feedback") { Description = "Rows with feedback that a step waits for; 0." };
        var key = Key();
        return Make("canary", "Give a growing share to a challenger, which becomes champion or is taken back.",
            [challenger, steps, requests, shortest, longest, errors, latency, metric, feedback, key],
            (target, model, parsed, token) => target.SetAsync(model, Filled(new JsonObject
            {
                ["policy"] = "canary",
                ["challenger"] = parsed.GetValue(challenger),
                ["steps"] = TrafficText.Numbers("--steps", parsed.GetValue(steps)),
                ["minRequests"] = parsed.GetValue(requests),
                ["minDuration"] = parsed.GetValue(shortest),
                ["maxDuration"] = parsed.GetValue(longest),
                ["key"] = parsed.GetValue(key),
                ["guards"] = Filled(new JsonObject
                {
                    ["errors"] = parsed.GetValue(errors),
                    ["latency"] = parsed.GetValue(latency),
                    ["metric"] = parsed.GetValue(metric),
                    ["minFeedback"] = parsed.GetValue(feedback),
                }),
            }), token));
    }

    private static Command Shadow()
    {
        var challenger = Challenger();
        var sample = new Option<double?>("--sample") { Description = "The share of requests that are mirrored; 1." };
        return Make("shadow", "Ask a challenger too, after the answer, and compare; it never answers.",
            [challenger, sample],
            (target, model, parsed, token) => target.SetAsync(model, Filled(new JsonObject
            {
                ["policy"] = "shadow",
                ["challenger"] = parsed.GetValue(challenger),
                ["sample"] = parsed.GetValue(sample),
            }), token));
    }

    private static Command Ab()
    {
        var arms = new Option<string[]>("--arm")
        {
            Description = "An arm and its weight, by default 1; the first is the control.",
            HelpName = "NAME=VERSION[:WEIGHT]",
            Required = true,
        };
        var metric = new Option<string?>("--metric") { Description = "What is compared, such as error or actual." };
        var alpha = new Option<double?>("--alpha") { Description = "The chance of a false finding; 0.05." };
        var effect = new Option<double?>("--effect") { Description = "The smallest difference worth finding." };
        var key = Key();
        return Make("ab", "Deal requests to several versions by their key, and compare these by a test.",
            [arms, metric, alpha, effect, key],
            (target, model, parsed, token) => target.SetAsync(model, Filled(new JsonObject
            {
                ["policy"] = "ab",
                ["arms"] = new JsonArray([.. (parsed.GetValue(arms) ?? []).Select(arm => (JsonNode)TrafficText.Arm(arm))]),
                ["metric"] = parsed.GetValue(metric),
                ["alpha"] = parsed.GetValue(alpha),
                ["effect"] = parsed.GetValue(effect),
                ["key"] = parsed.GetValue(key),
            }), token));
    }

    private static Command Act(string name, string description)
    {
        var reason = new Option<string?>("--reason") { Description = "Why, for the ledger." };
        var version = new Option<int?>("--version") { Description = "Which arm's version." };
        return Make(name, description, name == "promote" ? [reason, version] : [reason],
            (target, model, parsed, token) => target.ActAsync(model, name,
                name == "promote" ? parsed.GetValue(version) : null, parsed.GetValue(reason) ?? "", token));
    }

    private static Command Make(string name, string description, Option[] options,
        Func<ITrafficTarget, string, ParseResult, CancellationToken, Task<JsonObject>> act)
    {
        var project = CommonOptions.Project();
        var server = new Option<Uri?>("--server")
        {
            Description = "A server to ask over HTTP instead of the workspace's database.",
            HelpName = "URL",
            CustomParser = CommonOptions.ParseUrl,
        };
        var json = CommonOptions.JsonOutput();
        var model = new Argument<string>("MODEL") { Description = "The model." };
        var command = new Command(name, description) { model };
        foreach (var option in options) command.Add(option);
        command.Add(server);
        command.Add(project);
        command.Add(json);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var target = parsed.GetValue(server) is { } url
                ? (ITrafficTarget)new TrafficServer(url) : TrafficDatabase.Open(parsed.GetValue(project)!.FullName);
            var answer = await act(target, parsed.GetValue(model)!, parsed, cancellationToken); // demanded by the parser
            Console.WriteLine(parsed.GetValue(json) ? answer.ToJsonString() : TrafficText.Picture(answer));
            return 0;
        });
        return command;
    }

    private static Option<int> Challenger() => new("--challenger", "-c")
    {
        Description = "The version to try.", HelpName = "VERSION", Required = true,
    };

    private static Option<string?> Key() => new("--key")
    {
        Description = "What stays with one version: 'header' (X-Gyre-Key, the default) or 'column:NAME', an input.",
        HelpName = "SOURCE",
    };

    private static JsonObject Filled(JsonObject json)
    {
        foreach (var name in json.Where(pair => pair.Value is null).Select(pair => pair.Key).ToList()) json.Remove(name);
        return json;
    }
}
