using System.Data.Common;
using System.Globalization;
using Gyre.Tracking.Storage;

namespace Gyre.Tracking.Transfer;

/// <summary>Inserting rows that come from elsewhere, as they are.</summary>
internal static class TransferRows
{
    /// <summary>Inserts a row unless its key is taken; true when it was inserted.</summary>
    public static bool Put(this DbConnection connection, string table, params ReadOnlySpan<(string Column,
        object? Value)> values)
    {
        var columns = new string[values.Length];
        var parameters = new string[values.Length];
        var row = new object?[values.Length];
        for (var i = 0; i < values.Length; i++)
        {
            columns[i] = $"\"{values[i].Column}\"";
            parameters[i] = string.Create(CultureInfo.InvariantCulture, $"${i + 1}");
            row[i] = values[i].Value;
        }

        return connection.Execute(
            $"""
            INSERT INTO "{table}" ({string.Join(", ", columns)}) VALUES ({string.Join(", ", parameters)})
            ON CONFLICT DO NOTHING
            """,
            row) == 1;
    }

    /// <summary>Lets the next experiment's number follow the greatest one there is.</summary>
    public static void CountExperiments(DbConnection connection)
    {
        if (connection.Dialect() == SqlDialect.Sqlite) return; // counts by the greatest row by itself
        connection.Execute(
            """
            SELECT setval(pg_get_serial_sequence('experiments', 'experiment_id'), greatest(max(experiment_id), 1),
                          max(experiment_id) > 0)
            FROM experiments
            """);
    }
}
