using System.Data.Common;
using Gyre.Serving.Recording;
using Gyre.Tracking;
using Gyre.Tracking.Storage;

namespace Gyre.Serving.Storage;

/// <summary>
/// The prediction log's table: a row is a block, which holds the records that one commit gathered for one version. Its
/// records are a JSON array, one record a line: <c>[id, requested_at, row_index, inputs, output, latency_us]</c>.
/// <para>
/// All ids of a block begin with the same <see cref="BlockWriter.BucketLength"/> characters, its <c>bucket</c>, and its
/// requests arrived within <see cref="BlockWriter.SpanMs"/>: so the blocks of an id, or of a window of time, are found
/// by the indexes.
/// </para>
/// </summary>
internal static class BlockTable
{
    public const string Sql = """
        CREATE TABLE gyre_prediction_blocks (
          block_id INTEGER PRIMARY KEY,
          model TEXT NOT NULL,
          version INTEGER NOT NULL,
          first_at INTEGER NOT NULL, -- ms since 1970 UTC: the earliest request
          last_at INTEGER NOT NULL, -- the latest one, less than 10 s later
          bucket TEXT NOT NULL, -- the first 10 characters of each id
          first_id TEXT NOT NULL, -- the least id
          last_id TEXT NOT NULL, -- the greatest one
          rows INTEGER NOT NULL, -- how many records
          records TEXT NOT NULL -- JSON: [[prediction_id, requested_at, row_index, inputs, output, latency_us], …]
        );
        CREATE INDEX gyre_prediction_blocks_at ON gyre_prediction_blocks (model, first_at);
        CREATE INDEX gyre_prediction_blocks_id ON gyre_prediction_blocks (bucket, first_id, last_id);
        """;

    private const string Columns =
        "model, version, first_at, last_at, bucket, first_id, last_id, rows, records";

    private const string Insert =
        $"INSERT INTO gyre_prediction_blocks ({Columns}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";

    private const string BlockColumns = "b.first_at AS first_at, b.last_at AS last_at, b.bucket AS bucket, "
        + "b.first_id AS first_id, b.last_id AS last_id";

    private const int RowsPerRead = 4096;

    /// <summary>
    /// The log as a table of records, under the name and with the columns that the table had before there were blocks.
    /// The triggers are for older programs that write while newer ones run beside them. On PostgreSQL the records are
    /// not compressed: its compression takes longer than all the rest. Its records are taken apart by the one function
    /// that does not decode their texts: the server's text cannot hold a NUL, and one in a record would spoil the
    /// others.
    /// </summary>
    public static readonly DialectDefinition View = new("gyre_prediction_blocks",
        $"""
        CREATE VIEW gyre_predictions AS
        SELECT r.value ->> 0 AS prediction_id, b.model AS model, b.version AS version, r.value ->> 1 AS requested_at,
               r.value ->> 2 AS row_index, r.value -> 3 AS inputs, r.value -> 4 AS output, r.value ->> 5 AS latency_us,
               {BlockColumns}
        FROM gyre_prediction_blocks b CROSS JOIN json_each(b.records) r;
        CREATE TRIGGER gyre_predictions_insert INSTEAD OF INSERT ON gyre_predictions BEGIN
          INSERT INTO gyre_prediction_blocks ({Columns})
          VALUES (NEW.model, NEW.version, NEW.requested_at, NEW.requested_at, substr(NEW.prediction_id, 1, 10),
                  NEW.prediction_id, NEW.prediction_id, 1,
                  '[' || char(10) || json_array(NEW.prediction_id, NEW.requested_at, NEW.row_index, json(NEW.inputs),
                    json(NEW.output), NEW.latency_us) || char(10) || ']');
        END;
        CREATE TRIGGER gyre_predictions_delete INSTEAD OF DELETE ON gyre_predictions BEGIN
          DELETE FROM gyre_prediction_blocks WHERE bucket = substr(OLD.prediction_id, 1, 10)
            AND first_id = OLD.prediction_id AND last_id = OLD.prediction_id;
        END;
        """,
        $"""
        ALTER TABLE gyre_prediction_blocks ALTER COLUMN records SET STORAGE EXTERNAL;
        CREATE VIEW gyre_predictions AS
        SELECT btrim(r.fields[1], '"') AS prediction_id, b.model AS model, b.version AS version,
               CAST(r.fields[2] AS bigint) AS requested_at, CAST(r.fields[3] AS bigint) AS row_index,
               r.fields[4] AS inputs, r.fields[5] AS output, CAST(r.fields[6] AS bigint) AS latency_us,
               {BlockColumns}
        FROM gyre_prediction_blocks b
          CROSS JOIN LATERAL json_array_elements(CAST(b.records AS json)) AS a(record)
          CROSS JOIN LATERAL (
            SELECT array_agg(CAST(f.field AS text)) AS fields FROM json_array_elements(a.record) AS f(field)) AS r;
        CREATE FUNCTION gyre_log_prediction() RETURNS trigger LANGUAGE plpgsql AS $body$
        BEGIN
          IF TG_OP = 'DELETE' THEN
            DELETE FROM gyre_prediction_blocks WHERE bucket = substr(OLD.prediction_id, 1, 10)
              AND first_id = OLD.prediction_id AND last_id = OLD.prediction_id;
            RETURN OLD;
          END IF;
          INSERT INTO gyre_prediction_blocks ({Columns})
          VALUES (NEW.model, NEW.version, NEW.requested_at, NEW.requested_at, substr(NEW.prediction_id, 1, 10),
                  NEW.prediction_id, NEW.prediction_id, 1,
                  concat('[', chr(10), '["', NEW.prediction_id, '",', NEW.requested_at, ',', NEW.row_index, ',',
                    NEW.inputs, ',', NEW.output, ',', NEW.latency_us, ']', chr(10), ']'));
          RETURN NEW;
        END
        $body$;
        CREATE TRIGGER gyre_predictions_write INSTEAD OF INSERT OR DELETE ON gyre_predictions
          FOR EACH ROW EXECUTE FUNCTION gyre_log_prediction();
        """);

    /// <summary>Stores a block.</summary>
    public static void Append(DbConnection connection, BlockWriter block) => connection.ExecuteWithText(
        Insert,
        [
            block.Model, (long)block.Version, block.FirstAt, block.LastAt, block.Bucket, block.FirstId, block.LastId,
            (long)block.Rows,
        ],
        block.Records);

    /// <summary>Moves the records of the table that had one a row, and drops it.</summary>
    public static void MoveRows(DbConnection connection)
    {
        if (connection.Dialect() == SqlDialect.Postgres)
            connection.Execute("LOCK TABLE gyre_predictions IN ACCESS EXCLUSIVE MODE");
        using var blocks = new BlockCollector();
        for (var last = ""; ReadRows(connection, last) is { Count: > 0 } rows;)
        {
            foreach (var row in rows) blocks.Add(row);
            blocks.Close();
            foreach (var block in blocks.Blocks) Append(connection, block);
            blocks.Clear();
            last = rows[^1].Id;
        }

        connection.Execute("DROP TABLE gyre_predictions");
    }

    private static List<StoredPrediction> ReadRows(DbConnection connection, string after) => connection.Query(
        """
        SELECT prediction_id, model, version, requested_at, row_index, inputs, output, latency_us
        FROM gyre_predictions WHERE prediction_id > $1 ORDER BY prediction_id LIMIT $2
        """,
        reader => new StoredPrediction(
            reader.GetString(0), reader.GetString(1), reader.GetInt32(2), reader.GetInt64(3), reader.GetInt64(4),
            reader.GetString(5), reader.GetString(6), reader.GetInt64(7)),
        after, (long)RowsPerRead);
}

/// <summary>A record as the log's first table had it.</summary>
internal sealed record StoredPrediction(
    string Id, string Model, int Version, long RequestedAt, long RowIndex, string Inputs, string Output,
    long LatencyMicroseconds);
