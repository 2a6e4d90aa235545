using System.Data.Common;
using System.Globalization;

namespace Gyre.Fixtures;

/// <summary>Puts predictions into the log as serving does: blocks of records.</summary>
internal static class PredictionBlocks
{
    /// <summary>Inserts a block of one record.</summary>
    /// <param name="connection">A connection that may write, to SQLite or PostgreSQL.</param>
    /// <param name="model">The model.</param>
    /// <param name="version">Its version.</param>
    /// <param name="id">The prediction's id.</param>
    /// <param name="at">When it was asked for.</param>
    /// <param name="inputs">JSON.</param>
    /// <param name="output">JSON.</param>
    public static void Insert(
        DbConnection connection, string model, int version, string id, DateTimeOffset at, string inputs, string output)
    {
        using var command = connection.CreateCommand();
        command.CommandText =
            """
            INSERT INTO gyre_prediction_blocks
              (model, version, first_at, last_at, bucket, first_id, last_id, rows, records)
            VALUES (@model, @version, @at, @at, substr(@id, 1, 10), @id, @id, 1, @records)
            """;
        var ms = at.ToUnixTimeMilliseconds();
        var records = string.Create(CultureInfo.InvariantCulture, $"[\n[\"{id}\",{ms},0,{inputs},{output},100]\n]");
        foreach (var (name, value) in new (string, object)[]
            { ("@model", model), ("@version", (long)version), ("@id", id), ("@at", ms), ("@records", records) })
        {
            var parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.Value) = (name, value);
            command.Parameters.Add(parameter);
        }

        command.ExecuteNonQuery();
    }
}
