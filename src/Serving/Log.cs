using Microsoft.Extensions.Logging;

namespace Gyre.Serving;

/// <summary>What this module says to the operator.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "Serving version {Version} of '{Model}'.")]
    public static partial void Serving(ILogger logger, string model, int version);

    [LoggerMessage(2, LogLevel.Error, "Version {Version} of '{Model}' cannot be loaded; serving goes on as before.")]
    public static partial void CannotLoad(ILogger logger, string model, int version, Exception failure);

    [LoggerMessage(3, LogLevel.Information, "'{Model}' is no longer served: it has no champion.")]
    public static partial void Withdrawn(ILogger logger, string model);

    [LoggerMessage(4, LogLevel.Error, "The registry cannot be read; serving goes on as before.")]
    public static partial void CannotReadRegistry(ILogger logger, Exception failure);

    [LoggerMessage(5, LogLevel.Error, "{Count} prediction records cannot be written; trying again.")]
    public static partial void CannotWritePredictions(ILogger logger, int count, Exception failure);

    [LoggerMessage(6, LogLevel.Critical, "{Count} prediction records are lost: they were refused during shutdown.")]
    public static partial void PredictionsLost(ILogger logger, int count);

    [LoggerMessage(7, LogLevel.Error, "Refused requests cannot be written; {Count} are counted but not stored.")]
    public static partial void CannotWriteRejections(ILogger logger, int count, Exception failure);

    [LoggerMessage(8, LogLevel.Critical, "A prediction record cannot be rendered and is lost.")]
    public static partial void CannotRenderPrediction(ILogger logger, Exception failure);

    [LoggerMessage(10, LogLevel.Debug, "Version {Version} of '{Model}' is loaded when it is first asked for.")]
    public static partial void Offered(ILogger logger, string model, int version);

    [LoggerMessage(11, LogLevel.Information, "Version {Version} of '{Model}' is unloaded: its memory is needed for others.")]
    public static partial void Unloaded(ILogger logger, string model, int version);

    [LoggerMessage(20, LogLevel.Debug,
        "Prediction {PredictionId} by version {Version} of '{Model}' over {Protocol}: {Rows} rows in {TotalMs} ms "
        + "(queue {QueueMs}, compute {ComputeMs}, encode {EncodeMs}).")]
    public static partial void Predicted(
        ILogger logger, string predictionId, string model, string version, string protocol, int rows, double totalMs,
        double queueMs, double computeMs, double encodeMs);

    [LoggerMessage(21, LogLevel.Warning,
        "Slow: prediction {PredictionId} by version {Version} of '{Model}' over {Protocol}: {Rows} rows in {TotalMs} ms "
        + "(queue {QueueMs}, compute {ComputeMs}, encode {EncodeMs}).")]
    public static partial void PredictedSlowly(
        ILogger logger, string predictionId, string model, string version, string protocol, int rows, double totalMs,
        double queueMs, double computeMs, double encodeMs);

    [LoggerMessage(23, LogLevel.Warning, "Slow: {Count} more predictions, which are not told one by one.")]
    public static partial void SlowPredictionsUntold(ILogger logger, int count);

    [LoggerMessage(22, LogLevel.Error,
        "A prediction by version {Version} of '{Model}' over {Protocol} failed after {TotalMs} ms: {Reason}")]
    public static partial void PredictionFailed(
        ILogger logger, string model, string version, string protocol, double totalMs, string reason);

    [LoggerMessage(9, LogLevel.Debug, "The prediction log could not be warmed up.")]
    public static partial void CannotWarmUp(ILogger logger, Exception failure);

    [LoggerMessage(10, LogLevel.Error, "The call {Path} failed.")]
    public static partial void CallFailed(ILogger logger, string path, Exception failure);

    [LoggerMessage(40, LogLevel.Error, "Traffic policies cannot be looked at; they stay as they are.")]
    public static partial void CannotLookAtTraffic(ILogger logger, Exception failure);

    [LoggerMessage(41, LogLevel.Error, "The traffic policy of '{Model}' stays as it is for now.")]
    public static partial void CannotDecideAboutTraffic(ILogger logger, string model, Exception failure);

    [LoggerMessage(31, LogLevel.Information, "{Count} prediction records were older than they are kept, and are deleted.")]
    public static partial void OldPredictionsDeleted(ILogger logger, long count);

    [LoggerMessage(32, LogLevel.Error, "Old prediction records cannot be deleted; trying again later.")]
    public static partial void CannotDeletePredictions(ILogger logger, Exception failure);

    [LoggerMessage(33, LogLevel.Error, "The key of the prediction log's hashes cannot be read; trying again.")]
    public static partial void CannotReadLogKey(ILogger logger, Exception failure);
}
