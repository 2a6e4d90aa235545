using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Gyre.Primitives;

namespace Gyre.Server.Protection.Tls;

/// <summary>A server's certificate with those that lead to the root, ready for handshakes.</summary>
internal sealed record ServerCertificate(X509Certificate2 Leaf, SslStreamCertificateContext Context);

/// <summary>Reads certificates from files. Thread-safe.</summary>
internal static class CertificateFiles
{
    /// <summary>A hash of what is in the files: files behind links that are swapped change it as well.</summary>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static string Fingerprint(TlsOptions options)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(File.ReadAllBytes(options.CertificateFile));
        if (options.KeyFile is { } key) hash.AppendData(File.ReadAllBytes(key));
        return Convert.ToHexString(hash.GetHashAndReset());
    }

    /// <summary>Reads the certificate.</summary>
    /// <exception cref="GyreException">
    /// A file is not there, is no certificate, or the key is not the certificate's.
    /// </exception>
    public static ServerCertificate Read(TlsOptions options)
    {
        try
        {
            var collection = new X509Certificate2Collection();
            var leaf = IsPfx(options.CertificateFile) ? ReadPfx(options, collection) : ReadPem(options, collection);
            return new ServerCertificate(leaf, SslStreamCertificateContext.Create(leaf, collection, offline: true));
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException or CryptographicException
                                   or ArgumentException)
        {
            throw GyreException.Invalid($"{options.CertificateFile}: no certificate can be read: {ex.Message}", ex);
        }
    }

    private static bool IsPfx(string file) => Path.GetExtension(file).ToLowerInvariant() is ".pfx" or ".p12";

    private static X509Certificate2 ReadPfx(TlsOptions options, X509Certificate2Collection others)
    {
        var all = X509CertificateLoader.LoadPkcs12CollectionFromFile(options.CertificateFile, options.Password);
        var leaf = all.FirstOrDefault(certificate => certificate.HasPrivateKey)
            ?? throw new CryptographicException("it holds no private key.");
        foreach (var other in all.Where(certificate => certificate != leaf)) others.Add(other);
        return leaf;
    }

    private static X509Certificate2 ReadPem(TlsOptions options, X509Certificate2Collection others)
    {
        var text = File.ReadAllText(options.CertificateFile);
        var key = options.KeyFile is { } file ? File.ReadAllText(file) : text;
        var leaf = options.Password is { } password
            ? X509Certificate2.CreateFromEncryptedPem(text, key, password)
            : X509Certificate2.CreateFromPem(text, key);
        var all = new X509Certificate2Collection();
        all.ImportFromPem(text);
        foreach (var other in all.Where(certificate => !certificate.Equals(leaf))) others.Add(other);
        return leaf;
    }
}
