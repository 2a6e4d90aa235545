using System.Text.Json;
using Gyre.Data.Sql;
using Gyre.DuckDb;
using Gyre.Primitives;
using Gyre.Tabular;

namespace Gyre.Data;

/// <summary>
/// SQL over Parquet files and tables in memory, answered in columns. Holds nothing on disk. Thread-safe: each call has
/// a connection of its own over one shared catalog.
/// </summary>
public sealed class SqlEngine : IDisposable
{
    private readonly DuckDbDatabase _database;
    private readonly bool _onlySelect;

    /// <summary>Opens an engine that may read and write files: for our own SQL, never for a user's.</summary>
    public SqlEngine(SqlEngineOptions? options = null)
        : this(options, onlySelect: false)
    {
    }

    private SqlEngine(SqlEngineOptions? options, bool onlySelect)
    {
        _onlySelect = onlySelect;
        _database = DuckDbDatabase.OpenInMemory((options ?? new SqlEngineOptions()).ToSettings());
        using var connection = _database.Connect();
        connection.Execute("SET GLOBAL TimeZone = 'UTC'");
    }

    /// <summary>
    /// Opens an engine for a user's SQL: it answers SELECTs over the given Parquet files and can neither read another
    /// file, nor write one, nor reach the network, nor change its own settings.
    /// </summary>
    /// <param name="parquetByView">Parquet files by the name of the view under which SQL sees them.</param>
    /// <param name="options">How it works.</param>
    public static SqlEngine Sandbox(IReadOnlyDictionary<string, string> parquetByView, SqlEngineOptions? options = null)
    {
        var engine = new SqlEngine(options, onlySelect: true);
        try
        {
            using var connection = engine._database.Connect();
            connection.Execute($"SET GLOBAL allowed_paths = {SqlText.List(parquetByView.Values.Select(Path.GetFullPath))}");
            connection.Execute("SET GLOBAL enable_external_access = false");
            foreach (var (view, path) in parquetByView) engine.RegisterParquet(view, path);
            connection.Execute("SET GLOBAL lock_configuration = true");
            return engine;
        }
        catch (Exception)
        {
            engine.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Answers one query in columns, rows in the query's order. Without <paramref name="types"/>: floating and decimal
    /// numbers become Numeric, whole numbers Integer, booleans Boolean, dates and timestamps Timestamp (µs, UTC), all else
    /// Categorical.
    /// </summary>
    /// <param name="sql">One SELECT.</param>
    /// <param name="types">Column types by name, which override the above; columns that it does not name keep it.</param>
    /// <param name="cancellationToken">Interrupts the query.</param>
    /// <exception cref="DuckDbException">The engine refused or failed.</exception>
    /// <exception cref="GyreException">Two columns share a name, or the statement is not allowed here.</exception>
    public Table Query(string sql, Schema? types = null, CancellationToken cancellationToken = default) =>
        Run(sql, types, isLarge: true, cancellationToken);

    /// <summary>Like <see cref="Query"/>, for an answer of few rows: it is not worth planning twice to learn its size.</summary>
    internal Table QuerySmall(string sql, CancellationToken cancellationToken = default) =>
        Run(sql, types: null, isLarge: false, cancellationToken);

    private Table Run(string sql, Schema? types, bool isLarge, CancellationToken cancellationToken)
    {
        using var connection = _database.Connect();
        var statement = connection.Prepare(sql);
        try
        {
            if (_onlySelect && !statement.IsSelect) throw GyreException.Invalid("SQL: only a SELECT is allowed here.");
            var plan = ColumnPlan.Of(statement.DescribeColumns(), types);
            if (plan.Any(column => column.Cast is not null))
            {
                statement.Dispose();
                sql = ColumnPlan.Wrap(sql, plan);
                statement = connection.Prepare(sql);
            }

            var expectedRows = isLarge && statement.IsSelect ? RowEstimate.Of(connection, sql, plan.Length) : 0;
            using var stream = statement.Stream(cancellationToken);
            return TableReader.Read(stream, plan, expectedRows);
        }
        finally
        {
            statement.Dispose();
        }
    }

    /// <summary>A connection of its own, for a caller who streams or appends; the caller disposes of it.</summary>
    internal DuckDbConnection Connect() => _database.Connect();

    /// <summary>Runs statements and drops what they return.</summary>
    /// <exception cref="DuckDbException">The engine refused or failed.</exception>
    /// <exception cref="InvalidOperationException">This engine is a sandbox.</exception>
    public void Execute(string sql, CancellationToken cancellationToken = default)
    {
        if (_onlySelect) throw new InvalidOperationException("A sandboxed engine only answers queries.");
        using var connection = _database.Connect();
        connection.Execute(sql, cancellationToken);
    }

    /// <summary>Makes a Parquet file, or a glob of them, readable as a view.</summary>
    /// <exception cref="DuckDbException">The file is absent or not Parquet.</exception>
    public void RegisterParquet(string view, string path)
    {
        using var connection = _database.Connect();
        connection.Execute(
            $"CREATE OR REPLACE VIEW {SqlText.Name(view)} AS FROM read_parquet({SqlText.Literal(Path.GetFullPath(path))})");
    }

    /// <summary>The engine's syntax tree of a SELECT, as JSON (DuckDB's `json_serialize_sql`).</summary>
    /// <exception cref="GyreException">The SQL does not parse, or is not a SELECT.</exception>
    public string SerializeSql(string sql)
    {
        var json = QueryText($"SELECT json_serialize_sql({SqlText.Literal(sql)}::VARCHAR)")
            ?? throw GyreException.Invalid("SQL: empty.");
        using var tree = JsonDocument.Parse(json);
        if (!tree.RootElement.TryGetProperty("error", out var error) || !error.GetBoolean()) return json;
        var message = tree.RootElement.GetProperty("error_message").GetString() ?? "does not parse";
        throw GyreException.Invalid($"SQL: {message.ReplaceLineEndings(" ")}");
    }

    /// <summary>The first value of the first row as text, or null.</summary>
    internal string? QueryText(string sql, CancellationToken cancellationToken = default)
    {
        var table = QuerySmall(sql, cancellationToken);
        return table.RowCount == 0 ? null : Convert.ToString(
            table.Columns[0].ValueAt(0), System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <inheritdoc/>
    public void Dispose() => _database.Dispose();
}
