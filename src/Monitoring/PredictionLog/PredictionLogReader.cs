using System.Collections.Immutable;
using System.Data.Common;
using System.Globalization;
using Gyre.Tabular;

namespace Gyre.Monitoring;

/// <summary>
/// Reads what serving logged: the view <c>gyre_predictions</c> of its blocks, <c>gyre_feedback</c> and
/// <c>gyre_rejections</c>. A read is one query, so it sees one state of the log. Thread-safe when
/// <paramref name="open"/> is.
/// </summary>
/// <param name="open">Opens a connection that this reader disposes.</param>
public sealed class PredictionLogReader(Func<DbConnection> open)
{
    // A block's requests arrived within 10 s, so its earliest one tells by an index whether it can be in a window.
    private const string InWindow = """
        p.model = @model AND p.first_at > @from - 10000 AND p.first_at < @to
        AND p.requested_at >= @from AND p.requested_at < @to
        """;

    /// <summary>Reads the predictions of a window with their actual values, where these are known.</summary>
    /// <param name="query">Which ones.</param>
    /// <param name="inputs">The columns to read from the logged inputs.</param>
    /// <param name="task">What the model predicts.</param>
    /// <param name="classes">The classes in the model's order; empty for regression.</param>
    /// <param name="cancellationToken">Stops the reading between rows.</param>
    public PredictionWindow Read(
        PredictionQuery query,
        Schema inputs,
        TaskKind task,
        IReadOnlyList<string> classes,
        CancellationToken cancellationToken = default)
    {
        var columns = new InputColumns(inputs);
        var labels = new OutputReader(task, classes);
        var rows = new PredictionRows();
        using var connection = open();
        using var command = Select(connection, query);
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            cancellationToken.ThrowIfCancellationRequested();
            rows.Ids.Add(reader.GetString(0));
            rows.Versions.Add(reader.GetInt32(1));
            rows.RequestedAt.Add(reader.GetInt64(2));
            columns.Append(reader.GetString(3));
            var actual = reader.IsDBNull(5) ? null : reader.GetString(5);
            labels.AppendOutput(reader.GetString(4), actual, rows.Predicted);
            AppendActual(actual, labels, rows);
        }

        return new PredictionWindow(task, [.. classes], columns.ToTable(), rows, columns.Unreadable);
    }

    /// <summary>How many predictions of a window are logged and how many of them have an actual value.</summary>
    public PredictionCounts Count(string model, DateTimeOffset from, DateTimeOffset to)
    {
        using var connection = open();
        using var command = Command(connection,
            $"""
            SELECT count(*), count(f.prediction_id)
            FROM gyre_predictions p LEFT JOIN gyre_feedback f ON f.prediction_id = p.prediction_id
            WHERE {InWindow}
            """,
            model, from, to);
        using var reader = command.ExecuteReader();
        reader.Read();
        return new PredictionCounts(reader.GetInt64(0), reader.GetInt64(1));
    }

    /// <summary>
    /// How many requests of a window serving refused, by reason and by column. A name of a column that the client made
    /// up
    /// counts as it was sent.
    /// </summary>
    public RejectionCounts CountRejections(string model, DateTimeOffset from, DateTimeOffset to)
    {
        using var connection = open();
        using var command = Command(connection,
            """
            SELECT reason, column_name, count(*) FROM gyre_rejections
            WHERE model = @model AND at >= @from AND at < @to GROUP BY reason, column_name
            """,
            model, from, to);
        using var reader = command.ExecuteReader();
        var groups = new List<(string Reason, string? Column, long Count)>();
        while (reader.Read())
            groups.Add((reader.GetString(0), reader.IsDBNull(1) ? null : reader.GetString(1), reader.GetInt64(2)));
        return new RejectionCounts(
            groups.Sum(group => group.Count),
            SumBy(groups, group => group.Reason),
            SumBy(groups.Where(group => group.Column is not null), group => group.Column ?? ""));
    }

    private static ImmutableSortedDictionary<string, long> SumBy(
        IEnumerable<(string Reason, string? Column, long Count)> groups,
        Func<(string Reason, string? Column, long Count), string> key) => groups
        .GroupBy(key, group => group.Count, StringComparer.Ordinal)
        .ToImmutableSortedDictionary(group => group.Key, group => group.Sum(), StringComparer.Ordinal);

    private static void AppendActual(string? actual, OutputReader labels, PredictionRows rows)
    {
        var value = actual is null ? double.NaN : labels.ReadActual(actual);
        rows.Actual.Add(value);
        if (actual is not null && double.IsNaN(value)) rows.UnknownActuals++;
    }

    private static DbCommand Select(DbConnection connection, PredictionQuery query)
    {
        if (query.Limit is { } limit) ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1, nameof(query));
        var version = query.Version is { } only ? $"AND p.version = {only.ToString(CultureInfo.InvariantCulture)}" : "";
        var known = query.OnlyWithActual
            ? "AND f.actual IS NOT NULL "
                + "AND EXISTS (SELECT 1 FROM gyre_feedback e WHERE e.prediction_id BETWEEN p.first_id AND p.last_id)"
            : "";
        var newest = query.Limit is { } count ? $"LIMIT {count.ToString(CultureInfo.InvariantCulture)}" : "";
        return Command(connection,
            $"""
            SELECT * FROM (
              SELECT p.prediction_id, p.version, p.requested_at, p.inputs, p.output, f.actual, p.row_index
              FROM gyre_predictions p LEFT JOIN gyre_feedback f ON f.prediction_id = p.prediction_id
              WHERE {InWindow} {version} {known}
              ORDER BY p.requested_at DESC, p.row_index DESC, p.prediction_id DESC {newest}
            ) AS newest ORDER BY requested_at, row_index, prediction_id
            """,
            query.Model, query.From, query.To);
    }

    private static DbCommand Command(
        DbConnection connection, string sql, string model, DateTimeOffset from, DateTimeOffset to)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        Add(command, "@model", model);
        Add(command, "@from", from.ToUnixTimeMilliseconds());
        Add(command, "@to", to.ToUnixTimeMilliseconds());
        return command;
    }

    private static void Add(DbCommand command, string name, object value)
    {
        var parameter = command.CreateParameter();
        (parameter.ParameterName, parameter.Value) = (name, value);
        command.Parameters.Add(parameter);
    }
}
