using Gyre.Primitives;

namespace Gyre.Tracking;

/// <summary>
/// Where metadata is stored: <c>sqlite:///file</c> or <c>postgresql://user:password@host:port/database</c>.
/// </summary>
public sealed record StoreAddress
{
    private const string SqlitePrefix = "sqlite:///";

    private StoreAddress(string? file, Uri? server) => (File, Server) = (file, server);

    /// <summary>The SQLite file, absolute; null for a server.</summary>
    public string? File { get; }

    /// <summary>The PostgreSQL server; null for a file.</summary>
    public Uri? Server { get; }

    /// <summary>The address of a SQLite file.</summary>
    public static StoreAddress OfFile(string path) => new(Path.GetFullPath(path), null);

    /// <summary>
    /// Reads an address as MLflow writes it: <c>sqlite:///relative.db</c>, <c>sqlite:////absolute.db</c>,
    /// <c>postgresql://…</c> or <c>postgres://…</c>, a driver's name after a plus sign allowed and ignored.
    /// </summary>
    /// <exception cref="GyreException">It is none of these.</exception>
    public static StoreAddress Parse(string text)
    {
        if (text.StartsWith(SqlitePrefix, StringComparison.OrdinalIgnoreCase) && text.Length > SqlitePrefix.Length)
            return OfFile(text[SqlitePrefix.Length..]);
        if (Uri.TryCreate(text, UriKind.Absolute, out var uri)
            && uri.Scheme.Split('+')[0] is "postgres" or "postgresql"
            && uri.Host.Length > 0 && uri.AbsolutePath.Length > 1)
            return new StoreAddress(null, uri);
        throw GyreException.Invalid(
            $"'{Masked(text)}' is not the address of a store: sqlite:///FILE or "
            + "postgresql://USER:PASSWORD@HOST:PORT/DATABASE.");
    }

    /// <summary>The address without its password.</summary>
    public override string ToString() =>
        File is not null ? SqlitePrefix + File : Masked(Server!.OriginalString); // one is set

    private static string Masked(string text)
    {
        var at = text.LastIndexOf('@');
        var start = text.IndexOf("://", StringComparison.Ordinal);
        var colon = at < 0 || start < 0 ? -1 : text.IndexOf(':', start + 3);
        return colon < 0 || colon > at ? text : text[..(colon + 1)] + "***" + text[at..];
    }
}
