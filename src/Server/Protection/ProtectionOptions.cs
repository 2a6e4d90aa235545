using Gyre.Server.Protection.Tls;

namespace Gyre.Server.Protection;

/// <summary>Which requests may go without a key.</summary>
public enum AnonymousAccess
{
    /// <summary>None: every request needs a key, also one from this machine.</summary>
    None,

    /// <summary>
    /// Those whose connection begins and ends on this machine, unless a header says that they were forwarded from
    /// elsewhere or a browser sends them for a page of another site.
    /// </summary>
    Loopback,

    /// <summary>All: whoever reaches the server may do everything.</summary>
    All,
}

/// <summary>Who may ask a server for what, and how much.</summary>
public sealed record ProtectionOptions
{
    /// <summary>Which requests may go without a key. Default <see cref="AnonymousAccess.Loopback"/>.</summary>
    public AnonymousAccess Anonymous { get; init; } = AnonymousAccess.Loopback;

    /// <summary>
    /// How often the database is asked for keys that were made, changed or revoked elsewhere: the longest that a
    /// revoked key goes on working. Default 250 ms.
    /// </summary>
    public TimeSpan KeyPollInterval { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>
    /// How long a prediction may take before it is given up and answered with 504;
    /// <see cref="Timeout.InfiniteTimeSpan"/> for no limit. Uploads and downloads have none. Default 60 s.
    /// </summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// Sites whose pages may ask from a browser, such as <c>https://app.example.org</c>. Default none: no CORS.
    /// </summary>
    public IReadOnlyList<string> CorsOrigins { get; init; } = [];

    /// <summary>The certificate of <c>https</c> addresses. Default none.</summary>
    public TlsOptions? Tls { get; init; }

    /// <summary>How long the audit log keeps entries. Default 365 days.</summary>
    public TimeSpan AuditRetention { get; init; } = TimeSpan.FromDays(365);

    /// <summary>How many entries the audit log keeps. Default 1 000 000.</summary>
    public int AuditEntriesKept { get; init; } = 1_000_000;
}
