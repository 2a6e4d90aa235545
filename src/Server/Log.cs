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
        "{Addresses} can be reached from outside this machine, "
        + "and --anonymous all lets everybody do everything there.")]
    public static partial void EverybodyMayAsk(ILogger logger, string addresses);

    [LoggerMessage(113, LogLevel.Error, "What keys used of their quotas cannot be stored; it is tried again.")]
    public static partial void CannotStoreUsage(ILogger logger, Exception failure);

    [LoggerMessage(114, LogLevel.Error, "{Count} entries of the audit log cannot be written.")]
    public static partial void CannotWriteAudit(ILogger logger, int count, Exception failure);

    [LoggerMessage(115, LogLevel.Information, "Now serving the certificate of {Subject}, valid until {Until:u}.")]
    public static partial void CertificateChanged(ILogger logger, string subject, DateTime until);

    [LoggerMessage(116, LogLevel.Error, "The certificate in use stays: {Reason}")]
    public static partial void CertificateKept(ILogger logger, string reason);

    [LoggerMessage(117, LogLevel.Warning,
        "The certificate of {Subject} has expired at {Until:u}; clients will refuse it.")]
    public static partial void CertificateExpired(ILogger logger, string subject, DateTime until);

    [LoggerMessage(118, LogLevel.Warning, "The certificate of {Subject} is not valid before {From:u}.")]
    public static partial void CertificateNotYetValid(ILogger logger, string subject, DateTime from);

    [LoggerMessage(119, LogLevel.Warning, "The certificate of {Subject} expires at {Until:u}.")]
    public static partial void CertificateExpiresSoon(ILogger logger, string subject, DateTime until);

    [LoggerMessage(120, LogLevel.Error, "An alert cannot be stored; it is tried again.")]
    public static partial void CannotStoreAlert(ILogger logger, Exception failure);
}
