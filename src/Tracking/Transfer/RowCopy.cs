using System.Data.Common;
using System.Globalization;
using Gyre.Tracking.Storage;
using Npgsql;
using NpgsqlTypes;

namespace Gyre.Tracking.Transfer;

/// <summary>Copies rows of one table into a table of the other database, one at a time: memory stays flat.</summary>
internal sealed class RowCopy(DbConnection source, DbConnection target, CancellationToken cancellationToken)
{
    /// <summary>Copies all rows; returns how many there were.</summary>
    /// <param name="from">The table that is read.</param>
    /// <param name="to">The table of the same name that is written.</param>
    /// <param name="columns">The columns, which both have, with expressions over the source's row.</param>
    /// <param name="skipKnown">Rows whose key is taken are passed over.</param>
    public long Copy(
        TableShape from, TableShape to, IReadOnlyList<(ColumnShape Column, string Expression)> columns,
        bool skipKnown = false)
    {
        using var command = source.Command(
            $"SELECT {string.Join(", ", columns.Select(column => column.Expression))} FROM \"{from.Name}\"");
        using var reader = command.ExecuteReader();
        var types = columns.Select(column => column.Column).ToList();
        var rows = target is NpgsqlConnection server && !skipKnown
            ? CopyToServer(server, to.Name, types, reader)
            : Insert(to.Name, types, reader, skipKnown);
        if (target is NpgsqlConnection) ResetSequences(to);
        return rows;
    }

    private long Insert(string table, List<ColumnShape> columns, DbDataReader reader, bool skipKnown)
    {
        var names = string.Join(", ", columns.Select(column => $"\"{column.Name}\""));
        var values = string.Join(
            ", ", columns.Select((_, i) => string.Create(CultureInfo.InvariantCulture, $"${i + 1}")));
        using var insert = target.Command(
            $"INSERT INTO \"{table}\" ({names}) VALUES ({values}){(skipKnown ? " ON CONFLICT DO NOTHING" : "")}",
            new object?[columns.Count]);
        long rows = 0;
        while (reader.Read())
        {
            cancellationToken.ThrowIfCancellationRequested();
            for (var i = 0; i < columns.Count; i++) insert.Set(i, Value(reader, i, columns[i].Type));
            insert.ExecuteNonQuery();
            rows++;
        }

        return rows;
    }

    private long CopyToServer(NpgsqlConnection server, string table, List<ColumnShape> columns, DbDataReader reader)
    {
        var names = string.Join(", ", columns.Select(column => $"\"{column.Name}\""));
        using var writer = server.BeginBinaryImport($"COPY \"{table}\" ({names}) FROM STDIN (FORMAT BINARY)");
        long rows = 0;
        while (reader.Read())
        {
            cancellationToken.ThrowIfCancellationRequested();
            writer.StartRow();
            for (var i = 0; i < columns.Count; i++)
            {
                if (Value(reader, i, columns[i].Type) is { } value) writer.Write(value, TypeOf(columns[i].Type));
                else writer.WriteNull();
            }

            rows++;
        }

        writer.Complete();
        return rows;
    }

    /// <summary>
    /// A value as the target's type wants it; SQLite takes what it gets, and gives what it once took.
    /// </summary>
    private static object? Value(DbDataReader reader, int index, string type)
    {
        if (reader.IsDBNull(index)) return null;
        var value = reader.GetValue(index);
        return type switch
        {
            "boolean" => Convert.ToBoolean(value, CultureInfo.InvariantCulture),
            "integer" => Convert.ToInt64(value, CultureInfo.InvariantCulture) is var number
                && number is >= int.MinValue and <= int.MaxValue ? (int)number : number,
            "bigint" => Convert.ToInt64(value, CultureInfo.InvariantCulture),
            "double precision" or "float" or "real" => Convert.ToDouble(value, CultureInfo.InvariantCulture),
            "bytea" or "blob" => value,
            _ => Convert.ToString(value, CultureInfo.InvariantCulture),
        };
    }

    private static NpgsqlDbType TypeOf(string type) => type switch
    {
        "boolean" => NpgsqlDbType.Boolean,
        "integer" => NpgsqlDbType.Integer,
        "bigint" => NpgsqlDbType.Bigint,
        "double precision" => NpgsqlDbType.Double,
        "bytea" => NpgsqlDbType.Bytea,
        "json" => NpgsqlDbType.Json,
        _ => NpgsqlDbType.Text,
    };

    /// <summary>Numbers that were copied are not given again.</summary>
    private void ResetSequences(TableShape table)
    {
        foreach (var column in table.Columns.Where(column => column.IsIdentity))
        {
            target.Execute(
                $"""
                SELECT setval(pg_get_serial_sequence('"{table.Name}"', '{column.Name}'),
                              greatest(max("{column.Name}"), 1), coalesce(max("{column.Name}"), 0) > 0)
                FROM "{table.Name}"
                """);
        }
    }
}
