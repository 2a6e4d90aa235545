using Gyre.Primitives;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Gyre.Server.Protection.Tls;

/// <summary>
/// Serves the certificate that is in the files now. They are read each second rather than watched: notices of changes
/// are lost on network drives and behind swapped links. Handshakes take the new certificate; open connections go on. A
/// file that cannot be used leaves the present certificate and is told once. Thread-safe.
/// </summary>
internal sealed class CertificateFollower : BackgroundService
{
    private static readonly TimeSpan SoonOver = TimeSpan.FromDays(14);

    private readonly TlsOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<CertificateFollower> _logger;
    private volatile ServerCertificate _current;
    private string? _seen;
    private string? _complaint;

    /// <summary>Reads the certificate.</summary>
    /// <exception cref="GyreException">It cannot be read: a server does not start without one.</exception>
    public CertificateFollower(TlsOptions options, TimeProvider time, ILogger<CertificateFollower> logger)
    {
        (_options, _time, _logger) = (options, time, logger);
        _current = CertificateFiles.Read(options);
        _seen = CertificateFiles.Fingerprint(options);
        TellOfDates();
    }

    /// <summary>The certificate for the next handshake.</summary>
    public ServerCertificate Current => _current;

    /// <summary>Takes over what is in the files now, if it is another and good.</summary>
    public void Refresh()
    {
        try
        {
            // Before the certificate is read: what changes in between is seen by the next look.
            var fingerprint = CertificateFiles.Fingerprint(_options);
            if (fingerprint == _seen) return;
            _seen = fingerprint;
            _current = CertificateFiles.Read(_options);
            _complaint = null;
            Log.CertificateChanged(_logger, _current.Leaf.Subject, _current.Leaf.NotAfter.ToUniversalTime());
            TellOfDates();
        }
        catch (Exception failure) when (failure is GyreException or IOException or UnauthorizedAccessException)
        {
            if (_complaint != failure.Message) Log.CertificateKept(_logger, failure.Message);
            _complaint = failure.Message;
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(_options.PollInterval);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken)) Refresh();
        }
        catch (OperationCanceledException)
        {
            // The host is stopping.
        }
    }

    private void TellOfDates()
    {
        var (now, leaf) = (_time.GetUtcNow(), _current.Leaf);
        var (from, until) = (leaf.NotBefore.ToUniversalTime(), leaf.NotAfter.ToUniversalTime());
        if (until <= now) Log.CertificateExpired(_logger, leaf.Subject, until);
        else if (from > now) Log.CertificateNotYetValid(_logger, leaf.Subject, from);
        else if (until - now < SoonOver) Log.CertificateExpiresSoon(_logger, leaf.Subject, until);
    }
}
