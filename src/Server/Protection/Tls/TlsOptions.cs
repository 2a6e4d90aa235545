namespace Gyre.Server.Protection.Tls;

/// <summary>Where the server's certificate is.</summary>
public sealed record TlsOptions
{
    /// <summary>
    /// A PEM file with the certificate, then those between it and the root; or a PFX file (<c>.pfx</c>, <c>.p12</c>)
    /// with the key inside.
    /// </summary>
    public required string CertificateFile { get; init; }

    /// <summary>
    /// A PEM file with the private key; null for a PFX file, or when the certificate's file holds it.
    /// </summary>
    public string? KeyFile { get; init; }

    /// <summary>The password of the PFX file or the encrypted key; null without one.</summary>
    public string? Password { get; init; }

    /// <summary>How often the files are looked at. Default 1 s.</summary>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromSeconds(1);
}
