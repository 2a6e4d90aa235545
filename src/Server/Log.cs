using Microsoft.Extensions.Logging;

namespace Gyre.Server;

/// <summary>What the host says to the operator.</summary>
internal static partial class Log
{
    [LoggerMessage(100, LogLevel.Error, "{Method} {Path} failed.")]
    public static partial void RequestFailed(ILogger logger, string method, string path, Exception failure);
}
