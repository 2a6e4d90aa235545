using Microsoft.Extensions.Logging;

namespace Gyre.Loop;

/// <summary>The loop's log messages.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "{Model}: {Summary}")]
    public static partial void Looked(ILogger logger, string model, string summary);

    [LoggerMessage(2, LogLevel.Error, "{Model}: the watcher or a run it started failed")]
    public static partial void LookFailed(ILogger logger, string model, Exception error);

    [LoggerMessage(3, LogLevel.Warning, "the pipeline file cannot be used, the last good one stays: {Cause}")]
    public static partial void DefinitionUnreadable(ILogger logger, string cause);

    [LoggerMessage(4, LogLevel.Warning, "what a killed process left could not be put right: {Cause}")]
    public static partial void RepairFailed(ILogger logger, string cause);
}
