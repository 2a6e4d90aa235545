using Microsoft.Extensions.Logging;

namespace Gyre.Tracking.Rest;

internal static partial class RestLog
{
    [LoggerMessage(LogLevel.Error, "{Path} failed")]
    public static partial void Failed(ILogger logger, string path, Exception failure);
}
