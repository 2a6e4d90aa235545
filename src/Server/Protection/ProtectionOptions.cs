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
}
