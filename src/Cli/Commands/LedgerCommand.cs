using System.CommandLine;
using System.Text.Json;
using Gyre.Loop;
using Gyre.Loop.Ledger;
using Gyre.Primitives;
using Spectre.Console;

namespace Gyre.Cli.Commands;

/// <summary>`gyre ledger`: what the loop saw and decided.</summary>
internal static class LedgerCommand
{
    public static Command Create()
    {
        var project = CommonOptions.Project();
        var json = CommonOptions.JsonOutput();
        var model = new Option<string?>("--model") { Description = "Only this model." };
        var kind = new Option<string?>("--kind")
        {
            Description = $"Only entries of this kind: {string.Join(", ", Enum.GetNames<LedgerKind>()).ToLowerInvariant()}.",
        };
        var last = new Option<int?>("--last") { Description = "Only the newest N entries.", HelpName = "N" };
        var command = new Command("ledger",
            "Show every automatic decision with its evidence.\n\nExample:\n  gyre ledger --kind promotion --last 5")
        {
            project, model, kind, last, json,
        };
        command.SetAction((parsed, _) =>
        {
            using var workspace = Workspace.OpenExisting(parsed.GetValue(project)!.FullName, TimeProvider.System);
            var entries = workspace.Ledger.List(
                parsed.GetValue(model), ParseKind(parsed.GetValue(kind)), parsed.GetValue(last));
            if (parsed.GetValue(json)) Console.WriteLine(JsonSerializer.Serialize(entries, LoopJson.Indented));
            else Print(entries);
            return Task.FromResult(0);
        });
        return command;
    }

    private static LedgerKind? ParseKind(string? text)
    {
        if (text is null) return null;
        return Enum.TryParse<LedgerKind>(text.Replace("-", "", StringComparison.Ordinal), ignoreCase: true, out var kind)
            ? kind
            : throw GyreException.Invalid(
                $"--kind: '{text}' is not one of {string.Join(", ", Enum.GetNames<LedgerKind>()).ToLowerInvariant()}");
    }

    private static void Print(IReadOnlyList<LedgerEntry> entries)
    {
        if (entries.Count == 0)
        {
            Console.WriteLine("The ledger is empty.");
            return;
        }

        if (Console.IsOutputRedirected)
        {
            foreach (var entry in entries)
                Console.WriteLine($"{entry.At:yyyy-MM-dd HH:mm:ss}Z  {entry.Model}  {entry.Kind,-10}  {entry.Summary}");
            return;
        }

        var table = new Spectre.Console.Table().Border(TableBorder.Simple)
            .AddColumns("At (UTC)", "Model", "Kind", "Version", "What");
        foreach (var entry in entries)
        {
            table.AddRow(
                $"{entry.At:yyyy-MM-dd HH:mm:ss}", Markup.Escape(entry.Model), entry.Kind.ToString(),
                entry.Version?.ToString() ?? "", Markup.Escape(entry.Summary));
        }

        AnsiConsole.Write(table);
    }
}
