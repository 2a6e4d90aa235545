using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Gyre.Loop;
using Gyre.Loop.Alerts;
using Gyre.Primitives;

namespace Gyre.Cli.Commands;

/// <summary>`gyre alerts`: what a person should look at.</summary>
internal static class AlertsCommand
{
    public static Command Create()
    {
        var model = new Option<string?>("--model") { Description = "Only this model." };
        var all = new Option<bool>("--all") { Description = "Also those that have ended." };
        var (store, json) = (new TrackingStore(), CommonOptions.JsonOutput());
        var command = new Command("alerts",
            """
            Show what a person should look at, such as a version that a server cannot load. An alert ends by itself when
            its cause does.

            Examples:
              gyre alerts
              gyre alerts --model bike --all
              gyre alerts resolve 3 --reason "the version is not needed"
            """)
        {
            model, all, json, Resolve(),
        };
        store.AddTo(command, withArtifacts: false);
        command.SetAction(parsed =>
        {
            using var database = store.OpenIn(parsed);
            var alerts = new AlertStore(database).List(parsed.GetValue(model), openOnly: !parsed.GetValue(all));
            if (parsed.GetValue(json)) Console.WriteLine(JsonSerializer.Serialize(alerts, LoopJson.Indented));
            else if (alerts.Count == 0) Console.WriteLine("There are no alerts.");
            foreach (var alert in parsed.GetValue(json) ? [] : alerts) Console.WriteLine(Line(alert));
        });
        return command;
    }

    private static Command Resolve()
    {
        var id = new Argument<long>("ID") { Description = "The alert's number." };
        var reason = new Option<string>("--reason")
        {
            Description = "Why, for the ledger.", DefaultValueFactory = _ => "looked at",
        };
        var store = new TrackingStore();
        var command = new Command("resolve", "End an alert by hand.") { id, reason };
        store.AddTo(command, withArtifacts: false);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var database = store.OpenIn(parsed);
            var resolution = $"{parsed.GetValue(reason)} ({Environment.UserName} with gyre alerts)";
            var number = parsed.GetValue(id);
            _ = await new AlertStore(database).ResolveAsync(
                number, TimeProvider.System.GetUtcNow(), resolution, cancellationToken)
                ?? throw GyreException.NotFound($"there is no open alert {number}");
            Console.WriteLine($"alert {number} has ended");
            return 0;
        });
        return command;
    }

    private static string Line(Alert alert) => string.Create(CultureInfo.InvariantCulture,
        $"{alert.Id,4}  {alert.OpenedAt:yyyy-MM-dd HH:mm:ss}Z  {alert.Model}  {alert.Summary}")
        + (alert.ResolvedAt is { } end ? string.Create(CultureInfo.InvariantCulture,
            $"  (ended {end:yyyy-MM-dd HH:mm:ss}Z: {alert.Resolution})") : "");
}
