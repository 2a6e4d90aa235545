using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Gyre.Loop;
using Gyre.Primitives;
using Gyre.Server.Protection.Audit;

namespace Gyre.Cli.Commands;

/// <summary>`gyre audit`: who changed what.</summary>
internal static class AuditCommand
{
    private const int Usual = 100;

    public static Command Create()
    {
        var since = new Option<TimeSpan?>("--since")
        {
            Description = "Only what is younger: 1d, 12h.", HelpName = "AGE",
            CustomParser = argument => CommonOptions.ParseAge("--since", argument),
        };
        var last = new Option<int?>("--last")
        {
            Description = $"Only the newest N; by default {Usual}, with --since all.", HelpName = "N",
        };
        var (store, json) = (new TrackingStore(), CommonOptions.JsonOutput());
        var command = new Command("audit",
            """
            Show who changed what, and who was not allowed to: by a server's API and by `gyre keys`. Predictions,
            feedback and what runs log are not in it.

            Example:
              gyre audit --since 1d
            """)
        {
            since, last, json,
        };
        store.AddTo(command, withArtifacts: false);
        command.SetAction(parsed =>
        {
            var count = parsed.GetValue(last);
            if (count < 1) throw GyreException.Invalid($"--last: {count} is not 1 or more");
            using var database = store.OpenExistingIn(parsed);
            var from = TimeProvider.System.GetUtcNow() - parsed.GetValue(since);
            var entries = new AuditStore(database).List(
                from, count ?? (from is null ? Usual : int.MaxValue));
            if (parsed.GetValue(json)) Console.WriteLine(JsonSerializer.Serialize(entries, LoopJson.Indented));
            else if (entries.Count == 0) Console.WriteLine("The audit log is empty.");
            foreach (var entry in parsed.GetValue(json) ? [] : entries) Console.WriteLine(Line(entry));
        });
        return command;
    }

    private static string Line(AuditEntry entry) => string.Create(CultureInfo.InvariantCulture,
        $"{entry.At:yyyy-MM-dd HH:mm:ss}Z  {entry.Caller,-16}  {entry.Address ?? "-",-15}  {entry.Status}  ")
        + $"{entry.Method} {entry.Route}  {entry.Resource}";
}
