using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Gyre.Tracking;

namespace Gyre.Cli.Commands;

/// <summary>Options that mean the same everywhere.</summary>
internal static class CommonOptions
{
    /// <summary>`--project DIR`: the workspace, by default the current folder.</summary>
    public static Option<DirectoryInfo> Project() => new("--project", "-p")
    {
        Description = "The workspace: the folder of gyre.yaml.",
        HelpName = "DIR",
        DefaultValueFactory = _ => new DirectoryInfo(Directory.GetCurrentDirectory()),
    };

    /// <summary>`--json FILE`: the result for machines.</summary>
    public static Option<FileInfo?> JsonFile() => new("--json")
    {
        Description = "Also write the result as JSON to this file.",
        HelpName = "FILE",
    };

    /// <summary>`--json`: JSON on standard output instead of text.</summary>
    public static Option<bool> JsonOutput() => new("--json") { Description = "Print JSON instead of text." };

    /// <summary>An address of a store, or the path of a file.</summary>
    public static StoreAddress StoreOrFile(string text) =>
        text.Contains("://", StringComparison.Ordinal) ? StoreAddress.Parse(text) : StoreAddress.OfFile(text);

    /// <summary>`--url URL`: a running server.</summary>
    public static Option<Uri?> Url() => new("--url")
    {
        Description = "The running server; by default the address in gyre.yaml.",
        HelpName = "URL",
        CustomParser = ParseUrl,
    };

    /// <summary>An absolute http or https address.</summary>
    public static Uri? ParseUrl(ArgumentResult argument)
    {
        var text = argument.Tokens.Count == 1 ? argument.Tokens[0].Value : "";
        if (Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https") return url;
        argument.AddError($"--url: '{text}' is not an address such as http://127.0.0.1:5000");
        return null;
    }

    /// <summary>A length of time: <c>30d</c>, <c>12h</c>, <c>45m</c>.</summary>
    /// <param name="option">The option's name, for the error.</param>
    /// <param name="argument">What was given.</param>
    public static TimeSpan ParseAge(string option, ArgumentResult argument)
    {
        var text = argument.Tokens.Count == 1 ? argument.Tokens[0].Value : "";
        if (text.Length > 1 && double.TryParse(text[..^1], NumberStyles.AllowDecimalPoint,
            CultureInfo.InvariantCulture, out var number)
            && number <= 36_500)
        {
            switch (text[^1])
            {
                case 'd': return TimeSpan.FromDays(number);
                case 'h': return TimeSpan.FromHours(number);
                case 'm': return TimeSpan.FromMinutes(number);
                case 's': return TimeSpan.FromSeconds(number);
            }
        }

        argument.AddError($"{option}: '{text}' is not an age such as 30d, 12h or 45m");
        return default;
    }
}
