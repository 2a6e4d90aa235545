using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace Gyre.Server;

/// <summary>How log lines are written.</summary>
public enum LogFormat
{
    /// <summary>One line of text per message.</summary>
    Text,

    /// <summary>
    /// One JSON object per message: <c>Timestamp</c> in UTC, <c>LogLevel</c>, <c>Category</c>, <c>EventId</c>,
    /// <c>Message</c>, and the message's values by name in <c>State</c>.
    /// </summary>
    Json,
}

/// <summary>What is logged and how. Lines go to standard error: standard output belongs to the command.</summary>
internal static class HostLogging
{
    public static void Add(ILoggingBuilder logging, LogLevel level, LogFormat format)
    {
        logging.SetMinimumLevel(level);
        logging.AddFilter("Microsoft", level > LogLevel.Warning ? level : LogLevel.Warning);
        // A failed start reaches the caller as an exception; the host would tell it a second time, with its stack.
        logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical);
        // Says nothing at these levels, but makes the web server keep an activity for every request.
        logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
        logging.Configure(factory =>
            factory.ActivityTrackingOptions = ActivityTrackingOptions.TraceId | ActivityTrackingOptions.SpanId);
        if (format is LogFormat.Json)
        {
            logging.AddJsonConsole(json =>
            {
                json.UseUtcTimestamp = true;
                json.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";
                json.IncludeScopes = true; // carries the trace's id
            });
        }
        else
        {
            logging.AddSimpleConsole(text => text.SingleLine = true);
        }

        logging.Services.Configure<ConsoleLoggerOptions>(
            console => console.LogToStandardErrorThreshold = LogLevel.Trace);
    }
}
