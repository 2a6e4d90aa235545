using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text.Json;
using Gyre.Loop;
using Gyre.Primitives;
using Gyre.Server.Protection.Keys;

namespace Gyre.Cli.Commands;

/// <summary>`gyre keys create|list|revoke|rotate`: who may ask a server for what.</summary>
internal static class KeysCommand
{
    public static Command Create() => new("keys",
        """
        Make, list, rotate and revoke API keys. Running servers of the same store follow within a second.

        Examples:
          gyre keys create shop --scopes predict,feedback --rate 100/s --quota 1000000/month
          gyre keys rotate shop --overlap 1d
          gyre keys revoke shop
        """)
    {
        CreateCreate(), CreateList(), CreateRevoke(), CreateRotate(),
    };

    private static Command CreateCreate()
    {
        var name = new Argument<string>("NAME") { Description = "What to call it." };
        var scopes = new Option<Scopes>("--scopes")
        {
            Description = $"What it may be used for, separated by commas: {ScopeNames.All}.",
            Required = true, HelpName = "SCOPES",
            CustomParser = argument => Parse("--scopes", argument, ScopeNames.Parse),
        };
        var models = new Option<string[]?>("--models")
        {
            Description = "Only these models, separated by commas, wherever a request is about one.",
            CustomParser = argument => Parse("--models", argument, ParseModels),
        };
        var expires = new Option<TimeSpan?>("--expires")
        {
            Description = "How long it works: 90d, 12h; by default for ever.", HelpName = "AGE",
            CustomParser = argument => CommonOptions.ParseAge("--expires", argument),
        };
        var rate = new Option<RateLimit?>("--rate")
        {
            Description = "The most requests in a time, on each server: 100/s, 6000/m, 50/h.", HelpName = "N/UNIT",
            CustomParser = argument => Parse("--rate", argument, RateLimit.Parse),
        };
        var quota = new Option<Quota?>("--quota")
        {
            Description = "The most requests in a period, over all servers: 1000000/month, 5000/day, 100/hour.",
            HelpName = "N/PERIOD", CustomParser = argument => Parse("--quota", argument, Quota.Parse),
        };
        var (store, json) = (new TrackingStore(), CommonOptions.JsonOutput());
        var command = new Command("create", "Make a key and print it. It cannot be shown a second time.")
        {
            name, scopes, models, expires, rate, quota, json,
        };
        store.AddTo(command, withArtifacts: false);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var database = store.OpenIn(parsed);
            var issued = await new ApiKeyStore(database, TimeProvider.System).CreateAsync(
                new KeyRequest
                {
                    Name = parsed.GetValue(name)!, // required
                    Scopes = parsed.GetValue(scopes),
                    Models = parsed.GetValue(models),
                    Rate = parsed.GetValue(rate),
                    Quota = parsed.GetValue(quota),
                    Lifetime = parsed.GetValue(expires),
                }, cancellationToken);
            Print(issued, parsed.GetValue(json));
            return 0;
        });
        return command;
    }

    private static Command CreateList()
    {
        var (store, json) = (new TrackingStore(), CommonOptions.JsonOutput());
        var command = new Command("list", "Show all keys, without their secrets.") { json };
        store.AddTo(command, withArtifacts: false);
        command.SetAction(parsed =>
        {
            using var database = store.OpenExistingIn(parsed);
            var keys = new ApiKeyStore(database, TimeProvider.System).List();
            if (parsed.GetValue(json)) Console.WriteLine(JsonSerializer.Serialize(keys.Select(Shown), LoopJson.Indented));
            else if (keys.Count == 0) Console.WriteLine("There is no key.");
            foreach (var key in parsed.GetValue(json) ? [] : keys) Console.WriteLine(Line(key));
        });
        return command;
    }

    private static Command CreateRevoke()
    {
        var name = NameOrId();
        var (store, json) = (new TrackingStore(), CommonOptions.JsonOutput());
        var command = new Command("revoke", "Make a key useless, for good.") { name, json };
        store.AddTo(command, withArtifacts: false);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var database = store.OpenExistingIn(parsed);
            var key = await new ApiKeyStore(database, TimeProvider.System)
                .RevokeAsync(parsed.GetValue(name)!, cancellationToken); // required
            Console.WriteLine(parsed.GetValue(json)
                ? JsonSerializer.Serialize(Shown(key), LoopJson.Indented)
                : $"revoked '{key.Name}' ({key.Id})");
            return 0;
        });
        return command;
    }

    private static Command CreateRotate()
    {
        var name = NameOrId();
        var overlap = new Option<TimeSpan>("--overlap")
        {
            Description = "How long the present secret goes on working: 1d, 12h; by default it ends at once.",
            HelpName = "AGE", CustomParser = argument => CommonOptions.ParseAge("--overlap", argument),
        };
        var (store, json) = (new TrackingStore(), CommonOptions.JsonOutput());
        var command = new Command("rotate", "Give a key another secret and print it; name, limits and use stay.")
        {
            name, overlap, json,
        };
        store.AddTo(command, withArtifacts: false);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var database = store.OpenExistingIn(parsed);
            var issued = await new ApiKeyStore(database, TimeProvider.System)
                .RotateAsync(parsed.GetValue(name)!, parsed.GetValue(overlap), cancellationToken); // required
            Print(issued, parsed.GetValue(json));
            return 0;
        });
        return command;
    }

    private static Argument<string> NameOrId() => new("NAME") { Description = "The key's name or id." };

    private static string[]? ParseModels(string text) =>
        text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) is { Length: > 0 } models
            ? models
            : throw GyreException.Invalid("no model is named.");

    private static T? Parse<T>(string option, ArgumentResult argument, Func<string, T> parse)
    {
        try
        {
            return parse(argument.Tokens.Count == 1 ? argument.Tokens[0].Value : "");
        }
        catch (GyreException error)
        {
            argument.AddError($"{option}: {error.Message}");
            return default;
        }
    }

    // Alone on its line, so that it can be piped; what is said about it goes to the other stream.
    private static void Print(IssuedKey issued, bool json)
    {
        if (json)
        {
            var shown = new { Key = issued.Text, Stored = Shown(issued.Key) };
            Console.WriteLine(JsonSerializer.Serialize(shown, LoopJson.Indented));
            return;
        }

        Console.Error.WriteLine($"the key '{issued.Key.Name}', which is not shown again:");
        Console.WriteLine(issued.Text);
    }

    private static object Shown(ApiKey key) => new
    {
        key.Id,
        key.Name,
        Scopes = ScopeNames.Format(key.Scopes).Split(','),
        key.Models,
        Rate = key.Rate?.ToString(),
        Quota = key.Quota?.ToString(),
        key.CreatedAt,
        key.ExpiresAt,
        key.RevokedAt,
        State = StateOf(key),
    };

    private static string Line(ApiKey key) => string.Create(CultureInfo.InvariantCulture,
        $"{key.Name,-20}  {key.Id}  {StateOf(key),-7}  {ScopeNames.Format(key.Scopes)}")
        + (key.Models is { } models ? $"  models {string.Join(',', models)}" : "")
        + (key.Rate is { } rate ? $"  rate {rate}" : "")
        + (key.Quota is { } quota ? $"  quota {quota}" : "")
        + (key.ExpiresAt is { } until
            ? string.Create(CultureInfo.InvariantCulture, $"  until {until:yyyy-MM-dd HH:mm}Z") : "");

    private static string StateOf(ApiKey key) => key.RevokedAt is not null ? "revoked"
        : key.WorksAt(TimeProvider.System.GetUtcNow()) ? "works" : "expired";
}
