using System.CommandLine;
using System.CommandLine.Parsing;
using Gyre.Server;
using Gyre.Server.Metrics;
using Microsoft.Extensions.Logging;

namespace Gyre.Cli.Commands;

/// <summary>The options of `gyre up` that say what a server tells of itself, and how.</summary>
internal sealed class ObserveOptions
{
    private readonly Option<string?> _metricNames = new("--metric-names")
    {
        Description = "Count predictions also under the names of: gyre (none beside its own), triton, mlserver, kserve, all; "
            + "by default serving.metricNames of gyre.yaml.",
        HelpName = "NAMES",
    };

    private readonly Option<string?> _otlp = new("--otlp")
    {
        Description = "Send traces and metrics to this OpenTelemetry collector; by default what "
            + "OTEL_EXPORTER_OTLP_ENDPOINT says. OpenTelemetry's other variables hold too.",
        HelpName = "URL",
    };

    private readonly Option<LogFormat> _logFormat = new("--log-format")
    {
        Description = "How log lines are written.",
        DefaultValueFactory = _ => LogFormat.Text,
    };

    private readonly Option<LogLevel> _logLevel = new("--log-level")
    {
        Description = "The least severe messages that are logged; Debug tells of each prediction.",
        DefaultValueFactory = _ => LogLevel.Information,
    };

    private readonly Option<TimeSpan> _slowLog = new("--slow-log")
    {
        Description = "Log predictions that take longer than this, such as 250ms or 2s.",
        HelpName = "TIME",
        DefaultValueFactory = _ => TimeSpan.FromMilliseconds(250),
        CustomParser = ParseTime,
    };

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _metricNames, _otlp, _logFormat, _logLevel, _slowLog }) command.Add(option);
    }

    /// <summary>Whose names metrics have.</summary>
    public MetricNames NamesIn(ParseResult parsed, string otherwise) =>
        MetricNamesText.Parse(parsed.GetValue(_metricNames) ?? otherwise);

    /// <summary>The collector's address, or null.</summary>
    public string? OtlpIn(ParseResult parsed) => parsed.GetValue(_otlp);

    /// <summary>How log lines are written.</summary>
    public LogFormat FormatIn(ParseResult parsed) => parsed.GetValue(_logFormat);

    /// <summary>The least severe messages that are logged.</summary>
    public LogLevel LevelIn(ParseResult parsed) => parsed.GetValue(_logLevel);

    /// <summary>From when on a prediction is slow.</summary>
    public TimeSpan SlowIn(ParseResult parsed) => parsed.GetValue(_slowLog);

    private static TimeSpan ParseTime(ArgumentResult argument)
    {
        var text = argument.Tokens.Count == 1 ? argument.Tokens[0].Value : "";
        if (Loop.Pipeline.Durations.TryParse(text, out var time)) return time;
        argument.AddError($"--slow-log: '{text}' is not a time such as 250ms or 2s");
        return default;
    }
}
