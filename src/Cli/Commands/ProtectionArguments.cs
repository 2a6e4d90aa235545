using System.CommandLine;
using System.CommandLine.Parsing;
using Gyre.Primitives;
using Gyre.Server.Protection;
using Gyre.Server.Protection.Tls;
using Gyre.Serving;

namespace Gyre.Cli.Commands;

/// <summary>The options of `gyre up` that say who may ask, how much, and over which connection.</summary>
internal sealed class ProtectionArguments
{
    private const long LongestBody = 1L << 30;

    private readonly Option<AnonymousAccess> _anonymous = new("--anonymous")
    {
        Description = "Which requests go without a key: none, loopback (programs on this machine) or all.",
        HelpName = "none|loopback|all",
        DefaultValueFactory = _ => AnonymousAccess.Loopback,
    };

    private readonly Option<TimeSpan?> _timeout = new("--request-timeout")
    {
        Description = "How long a prediction may take before it is answered with 504: 60s, 5m; 0s for no limit. Default 60s.",
        HelpName = "TIME",
        CustomParser = argument => CommonOptions.ParseAge("--request-timeout", argument),
    };

    private readonly Option<long?> _body = new("--max-body")
    {
        Description = "The longest body of a prediction request: 64MiB, at most 1GiB; by default serving.maxBody of "
            + "gyre.yaml, else 32MiB.",
        HelpName = "SIZE",
        CustomParser = ParseSize,
    };

    private readonly Option<FileInfo?> _certificate = new("--tls-cert")
    {
        Description = "The certificate of https addresses: PEM, or PFX with the key inside. Read again when it changes.",
        HelpName = "FILE",
    };

    private readonly Option<FileInfo?> _key = new("--tls-key") { Description = "Its private key, PEM.", HelpName = "FILE" };

    private readonly Option<string?> _password = new("--tls-password-env")
    {
        Description = "The environment variable that holds the password of the PFX file or the key.", HelpName = "NAME",
    };

    private readonly Option<string[]> _origins = new("--cors-origins")
    {
        Description = "Sites whose pages may ask from a browser, separated by commas: https://app.example.org.",
        HelpName = "ORIGINS",
        CustomParser = ParseOrigins,
    };

    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[_anonymous, _timeout, _body, _certificate, _key, _password, _origins])
            command.Options.Add(option);
    }

    public ProtectionOptions In(ParseResult parsed)
    {
        var defaults = new ProtectionOptions();
        return new ProtectionOptions
        {
            Anonymous = parsed.GetValue(_anonymous),
            RequestTimeout = parsed.GetValue(_timeout) switch
            {
                null => defaults.RequestTimeout,
                { Ticks: 0 } => Timeout.InfiniteTimeSpan,
                { } given => given,
            },
            CorsOrigins = parsed.GetValue(_origins) ?? [],
            Tls = TlsIn(parsed),
        };
    }

    /// <summary>Where to listen; with a certificate and no word about it, by https at the usual port.</summary>
    public string UrlsOr(ParseResult parsed, string? given, string otherwise) => given
        ?? (parsed.GetValue(_certificate) is null
            ? otherwise
            : otherwise.Replace("http://", "https://", StringComparison.OrdinalIgnoreCase));

    /// <summary>Sets the longest body that was given here, or in the pipeline's file.</summary>
    public ServingOptions Limit(ParseResult parsed, ServingOptions options, long? otherwise)
    {
        if ((parsed.GetValue(_body) ?? otherwise) is { } bytes)
        {
            options.MaximumBodyBytes = bytes <= LongestBody ? bytes
                : throw GyreException.Invalid("serving.maxBody is at most 1GiB.");
        }

        return options;
    }

    private TlsOptions? TlsIn(ParseResult parsed)
    {
        if (parsed.GetValue(_certificate) is not { } certificate)
        {
            return parsed.GetValue(_key) is null && parsed.GetValue(_password) is null
                ? null
                : throw GyreException.Invalid("--tls-key and --tls-password-env need --tls-cert.");
        }

        string? password = null;
        if (parsed.GetValue(_password) is { } variable)
        {
            password = Environment.GetEnvironmentVariable(variable)
                ?? throw GyreException.Invalid($"--tls-password-env: there is no environment variable {variable}.");
        }

        return new TlsOptions
        {
            CertificateFile = certificate.FullName, KeyFile = parsed.GetValue(_key)?.FullName, Password = password,
        };
    }

    private static long? ParseSize(ArgumentResult argument)
    {
        var text = argument.Tokens.Count == 1 ? argument.Tokens[0].Value : "";
        if (ByteSize.TryParse(text) is <= LongestBody and var size) return size;
        argument.AddError($"--max-body: '{text}' is no size such as 64MiB, at most 1GiB");
        return null;
    }

    private static string[] ParseOrigins(ArgumentResult argument)
    {
        var origins = argument.Tokens.SelectMany(token => token.Value.Split(
            ',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)).ToArray();
        foreach (var origin in origins)
        {
            if (Uri.TryCreate(origin, UriKind.Absolute, out var site) && site.Scheme is "http" or "https"
                && site.GetLeftPart(UriPartial.Authority).Equals(origin, StringComparison.OrdinalIgnoreCase)) continue;
            argument.AddError($"--cors-origins: '{origin}' is no origin such as https://app.example.org");
        }

        return origins;
    }
}
