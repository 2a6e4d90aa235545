using System.Globalization;
using System.Text.Json.Nodes;
using Gyre.Primitives;

namespace Gyre.Loop.Deployment;

/// <summary>Where a prediction came from: the version, run, snapshot and pipeline file behind it.</summary>
public static class PredictionTrace
{
    /// <summary>Traces a prediction.</summary>
    /// <param name="workspace">The workspace that served it.</param>
    /// <param name="predictionId">The id that its answer carried.</param>
    /// <returns>An object: inputs, output, actual, and model, version, run, snapshot, package, pipeline.</returns>
    /// <exception cref="GyreException">No such prediction is recorded.</exception>
    public static JsonObject Find(Workspace workspace, string predictionId)
    {
        using var connection = workspace.Database.OpenConnection();
        using var command = connection.CreateCommand();
        command.CommandText =
            """
            SELECT p.model, p.version, p.requested_at, p.inputs, p.output, p.latency_us, f.actual
            FROM gyre_predictions p LEFT JOIN gyre_feedback f ON f.prediction_id = p.prediction_id
            WHERE p.prediction_id = @id AND p.bucket = substr(@id, 1, 10) AND p.first_id <= @id AND p.last_id >= @id
            """;
        var id = command.CreateParameter();
        (id.ParameterName, id.Value) = ("@id", predictionId);
        command.Parameters.Add(id);
        using var reader = command.ExecuteReader();
        if (!reader.Read()) throw GyreException.NotFound($"no prediction '{predictionId}' is recorded here");

        var version = workspace.Registry.Find(reader.GetString(0), reader.GetInt32(1));
        return new JsonObject
        {
            ["predictionId"] = predictionId,
            ["requestedAt"] = DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(2)).ToString("O", CultureInfo.InvariantCulture),
            ["inputs"] = JsonNode.Parse(reader.GetString(3)),
            ["output"] = JsonNode.Parse(reader.GetString(4)),
            ["latencyMicroseconds"] = reader.GetInt64(5),
            ["actual"] = reader.IsDBNull(6) ? null : JsonNode.Parse(reader.GetString(6)),
            ["model"] = reader.GetString(0),
            ["version"] = reader.GetInt32(1),
            ["run"] = version?.RunId,
            ["snapshot"] = version?.Tags.GetValueOrDefault("gyre.snapshot"),
            ["package"] = version?.Folder,
            ["pipeline"] = version is null ? null : Path.Combine(version.Folder, "pipeline.yaml"),
        };
    }
}
