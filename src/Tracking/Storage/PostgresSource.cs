using System.Data.Common;
using Gyre.Primitives;
using Npgsql;

namespace Gyre.Tracking.Storage;

/// <summary>
/// Opens connections to one PostgreSQL database: pooled ones that refuse to write, and ones of a writer.
/// </summary>
internal sealed class PostgresSource : IDisposable
{
    private const int Readers = 32;
    private readonly NpgsqlDataSource _readers;
    private readonly string _writer;

    public PostgresSource(StoreAddress address, Durability durability)
    {
        Address = address;
        var settings = Read(address);
        var session = settings.Options is { Length: > 0 } options ? options + " " : "";
        settings.ApplicationName ??= "gyre";
        settings.Timeout = 15;
        settings.CommandTimeout = 60;
        settings.MaxAutoPrepare = 64;
        settings.AutoPrepareMinUsages = 2;
        // A prepared plan that fits every value fits a search badly. The commands of a batch, which are one transaction
        // without being told so, are to see one state.
        settings.Options = session + "-c default_transaction_read_only=on -c plan_cache_mode=force_custom_plan "
            + @"-c default_transaction_isolation=repeatable\ read";
        (settings.MaxPoolSize, settings.Pooling) = (Readers, true);
        settings.NoResetOnClose = true; // they only read: no session differs from another
        _readers = NpgsqlDataSource.Create(settings.ConnectionString);
        (settings.Pooling, settings.NoResetOnClose) = (false, false);
        // A server that dies loses nothing either way, unless it was told to: then `device` asks it not to.
        settings.Options = session + (durability == Durability.Device ? "-c synchronous_commit=on " : "")
            + "-c tcp_keepalives_idle=30 -c tcp_keepalives_interval=10 -c tcp_keepalives_count=3";
        _writer = settings.ConnectionString;
    }

    public StoreAddress Address { get; }

    public DbConnection OpenReader()
    {
        try
        {
            return _readers.OpenConnection();
        }
        catch (NpgsqlException ex)
        {
            throw DatabaseErrors.Unreachable(Address.ToString(), ex);
        }
    }

    public NpgsqlConnection OpenWriter()
    {
        var connection = new NpgsqlConnection(_writer);
        try
        {
            connection.Open();
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    public void Dispose() => _readers.Dispose();

    private static NpgsqlConnectionStringBuilder Read(StoreAddress address)
    {
        var uri = address.Server ?? throw new ArgumentException($"{address} is no server.", nameof(address));
        var user = uri.UserInfo.Split(':', 2);
        var settings = new NpgsqlConnectionStringBuilder
        {
            Host = uri.Host,
            Port = uri.Port > 0 ? uri.Port : NpgsqlConnection.DefaultPort,
            Database = Uri.UnescapeDataString(uri.AbsolutePath[1..]),
        };
        if (user[0].Length > 0) settings.Username = Uri.UnescapeDataString(user[0]);
        if (user.Length > 1) settings.Password = Uri.UnescapeDataString(user[1]);
        foreach (var pair in uri.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var at = pair.IndexOf('=', StringComparison.Ordinal);
            Set(settings, address, at < 0 ? pair : pair[..at], at < 0 ? "" : Uri.UnescapeDataString(pair[(at + 1)..]));
        }

        return settings;
    }

    /// <summary>The settings of libpq that people write into addresses.</summary>
    private static void Set(NpgsqlConnectionStringBuilder settings, StoreAddress address, string name, string value)
    {
        switch (name)
        {
            case "sslmode" when Enum.TryParse<SslMode>(value.Replace("-", "", StringComparison.Ordinal), true,
                out var mode):
                settings.SslMode = mode;
                break;
            case "sslrootcert":
                settings.RootCertificate = value;
                break;
            case "options":
                settings.Options = value;
                break;
            case "application_name":
                settings.ApplicationName = value;
                break;
            default:
                throw GyreException.Invalid(
                    $"{address}: '{name}={value}' is not known; sslmode, sslrootcert, options and application_name are.");
        }
    }
}
