using Microsoft.Extensions.Logging;

namespace Gyre.Server;

/// <summary>What the host says to the operator.</summary>
internal static partial class Log
{
    [LoggerMessage(100, LogLevel.Error, "{Method} {Path} failed.")]
    public static partial void RequestFailed(ILogger logger, string method, string path, Exception failure);

    [LoggerMessage(110, LogLevel.Error, "API keys cannot be read; those read before go on working.")]
    public static partial void CannotReadKeys(ILogger logger, Exception failure);

    [LoggerMessage(111, LogLevel.Warning,
        "{Addresses} can be reached from outside this machine, and there is no API key: requests from there are "
        + "answered with 401. Make a key with `gyre keys create NAME --scopes predict`, or let everybody in with "
        + "`--anonymous all`.")]
    public static partial void NobodyMayAsk(ILogger logger, string addresses);

    [LoggerMessage(112, LogLevel.Warning,
        "{Addresses} can be reached from outside this machine, and --anonymous all lets everybody do everything there.")]
    public static partial void EverybodyMayAsk(ILogger logger, string addresses);
}
