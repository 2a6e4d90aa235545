using System.Data.Common;
using System.Globalization;
using Gyre.Tracking.Storage;

namespace Gyre.Tracking.Tests.Search;

/// <summary>Makes random things to search, in memory and in a database, few of them unlike.</summary>
internal sealed class SearchRows(DbConnection connection, Random random)
{
    public static readonly string[] Keys = ["a", "b.c", "ä k", "q\"`"];
    public static readonly string[] Texts =
        ["", "x", "X", "xy", "Xyz", "été", "ÉTÉ", "a'b", "50%", "5_", "b\\", "\U0001F600x", "true", "1"];
    private static readonly double[] Numbers = [0, 1, -1, 0.5, 1e-300, double.MaxValue, -double.MaxValue, 3];

    public Entity Run()
    {
        var id = Id();
        var run = new Entity
        {
            Id = id,
            Attributes = new()
            {
                ["run_id"] = id, ["run_name"] = Maybe(Pick(Texts)), ["status"] = Pick(["RUNNING", "FINISHED"]),
                ["artifact_uri"] = Maybe(Pick(Texts)), ["user_id"] = Maybe(Pick(Texts)), ["start_time"] = Time(),
                ["end_time"] = Time(), ["experiment_id"] = (long)random.Next(1, 4),
                ["stage"] = Pick(["active", "active", "deleted"]),
            },
            Metrics = Map(() => new List<(double, bool)> { random.Next(5) == 0 ? (0, true) : (Pick(Numbers), false) }),
            Params = Map<string?>(() => Pick(Texts)),
            Tags = Map(() => Maybe(Pick(Texts))),
            Datasets = Times(random.Next(3), () => (Pick(Texts), Pick(Texts), Maybe(Pick(Texts)))),
        };
        if (random.Next(2) == 0) run.Tags[RunTags.RunName] = Pick(Texts);
        Insert(run);
        return run;
    }

    private void Insert(Entity run)
    {
        var a = run.Attributes;
        Execute(
            """
            INSERT INTO runs (run_uuid, name, user_id, status, start_time, end_time, lifecycle_stage, artifact_uri,
                              experiment_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
            """,
            run.Id, a["run_name"], a["user_id"], a["status"], a["start_time"], a["end_time"], a["stage"],
            a["artifact_uri"], a["experiment_id"]);
        foreach (var (key, points) in run.Metrics)
        {
            Execute(
                "INSERT INTO latest_metrics (key, value, timestamp, step, is_nan, run_uuid) VALUES ($1,$2,1,2,$3,$4)",
                key, points[^1].Value, points[^1].IsNan, run.Id);
        }

        foreach (var (key, value) in run.Params)
            Execute("INSERT INTO params (key, value, run_uuid) VALUES ($1, $2, $3)", key, value, run.Id);
        foreach (var (key, value) in run.Tags)
            Execute("INSERT INTO tags (key, value, run_uuid) VALUES ($1, $2, $3)", key, value, run.Id);
        foreach (var (name, digest, context) in run.Datasets)
        {
            var (dataset, input) = (Id(), Id());
            Execute(
                """
                INSERT INTO datasets (dataset_uuid, experiment_id, name, digest, dataset_source_type, dataset_source)
                VALUES ($1, $2, $3, $4, 'local', '{}')
                """,
                dataset, NextNumber(), name, digest);
            Execute(
                """
                INSERT INTO inputs (input_uuid, source_type, source_id, destination_type, destination_id)
                VALUES ($1, 'DATASET', $2, 'RUN', $3)
                """,
                input, dataset, run.Id);
            if (context is null) continue;
            Execute("INSERT INTO input_tags (input_uuid, name, value) VALUES ($1, 'mlflow.data.context', $2)",
                input, context);
        }
    }

    public Entity Experiment(int number)
    {
        var name = Pick(Texts) + number;
        var experiment = new Entity
        {
            Id = number.ToString(CultureInfo.InvariantCulture),
            Attributes = new()
            {
                ["name"] = name, ["experiment_id"] = (long)number, ["creation_time"] = Time(),
                ["last_update_time"] = Time(), ["stage"] = Pick(["active", "active", "deleted"]),
            },
            Tags = Map(() => Maybe(Pick(Texts))),
        };
        var a = experiment.Attributes;
        Execute(
            """
            INSERT INTO experiments (experiment_id, name, lifecycle_stage, creation_time, last_update_time)
            VALUES ($1, $2, $3, $4, $5)
            """,
            number, name, a["stage"], a["creation_time"], a["last_update_time"]);
        foreach (var (key, value) in experiment.Tags)
            Execute("INSERT INTO experiment_tags (key, value, experiment_id) VALUES ($1, $2, $3)", key, value, number);
        return experiment;
    }

    public Entity Model(int number)
    {
        var name = Pick(Texts) + number;
        var model = new Entity
        {
            Id = name,
            Attributes = new() { ["name"] = name, ["last_updated_timestamp"] = Time() },
            Tags = Map(() => Maybe(Pick(Texts))),
        };
        if (number % 5 == 0) model.Tags["mlflow.prompt.is_prompt"] = number % 2 == 0 ? "true" : "false";
        Execute("INSERT INTO registered_models (name, last_updated_time) VALUES ($1, $2)",
            name, model.Attributes["last_updated_timestamp"]);
        foreach (var (key, value) in model.Tags)
            Execute("INSERT INTO registered_model_tags (key, value, name) VALUES ($1, $2, $3)", key, value, name);
        return model;
    }

    public Entity Version(Entity model, int number)
    {
        var version = new Entity
        {
            Id = $"({model.Id}, {number})",
            Attributes = new()
            {
                ["name"] = model.Id, ["version_number"] = (long)number, ["creation_timestamp"] = Time(),
                ["last_updated_timestamp"] = Time(), ["source_path"] = Maybe(Pick(Texts)),
                ["run_id"] = Maybe(Pick(Texts)), ["stage"] = Pick(["None", "Production", "Deleted_Internal"]),
            },
            Tags = Map(() => Maybe(Pick(Texts))),
        };
        var a = version.Attributes;
        Execute(
            """
            INSERT INTO model_versions (name, version, creation_time, last_updated_time, source, run_id, current_stage)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            """,
            model.Id, number, a["creation_timestamp"], a["last_updated_timestamp"], a["source_path"], a["run_id"],
            a["stage"]);
        foreach (var (key, value) in version.Tags)
        {
            Execute("INSERT INTO model_version_tags (key, value, name, version) VALUES ($1, $2, $3, $4)",
                key, value, model.Id, number);
        }

        return version;
    }

    public Entity LoggedModel()
    {
        var id = Id();
        var status = random.Next(1, 4);
        var model = new Entity
        {
            Id = id,
            Attributes = new()
            {
                ["model_id"] = id, ["name"] = Pick(Texts), ["model_type"] = Maybe(Pick(Texts)),
                ["status"] = status switch { 1 => "PENDING", 2 => "READY", _ => "UPLOAD_FAILED" },
                ["source_run_id"] = Maybe(Pick(Texts)), ["artifact_location"] = Pick(Texts),
                ["status_message"] = Maybe(Pick(Texts)), ["experiment_id"] = (long)random.Next(1, 3),
                ["creation_timestamp_ms"] = (long)random.Next(4),
                ["last_updated_timestamp_ms"] = (long)random.Next(4), ["stage"] = Pick(["active", "active", "deleted"]),
            },
            Metrics = Map(() => Times(random.Next(1, 3), () => (Pick(Numbers), false))),
            Params = Map<string?>(() => Pick(Texts)),
            Tags = Map<string?>(() => Pick(Texts)),
        };
        var a = model.Attributes;
        Execute(
            """
            INSERT INTO logged_models (model_id, experiment_id, name, artifact_location, creation_timestamp_ms,
              last_updated_timestamp_ms, status, lifecycle_stage, model_type, source_run_id, status_message)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
            """,
            id, a["experiment_id"], a["name"], a["artifact_location"], a["creation_timestamp_ms"],
            a["last_updated_timestamp_ms"], status, a["stage"], a["model_type"], a["source_run_id"],
            a["status_message"]);
        foreach (var (key, points) in model.Metrics)
        {
            for (var i = 0; i < points.Count; i++)
            {
                Execute(
                    """
                    INSERT INTO logged_model_metrics (model_id, metric_name, metric_timestamp_ms, metric_step,
                      metric_value, experiment_id, run_id) VALUES ($1, $2, $3, 0, $4, 1, 'r')
                    """,
                    id, key, i, points[i].Value);
            }
        }

        foreach (var (key, value) in model.Params)
        {
            Execute(
                """
                INSERT INTO logged_model_params (model_id, experiment_id, param_key, param_value)
                VALUES ($1, 1, $2, $3)
                """,
                id, key, value);
        }

        foreach (var (key, value) in model.Tags)
        {
            Execute(
                "INSERT INTO logged_model_tags (model_id, experiment_id, tag_key, tag_value) VALUES ($1, 1, $2, $3)",
                id, key, value);
        }

        return model;
    }

    private void Execute(string sql, params ReadOnlySpan<object?> values) => connection.Execute(sql, values);

    private Dictionary<string, T> Map<T>(Func<T> value) =>
        Keys.Where(_ => random.Next(3) > 0).ToDictionary(key => key, _ => value());

    private List<T> Times<T>(int count, Func<T> make) => [.. Enumerable.Range(0, count).Select(_ => make())];

    private T Pick<T>(T[] values) => values[random.Next(values.Length)];

    private string? Maybe(string text) => random.Next(4) == 0 ? null : text;

    private object? Time() => random.Next(6) == 0 ? null : (long)random.Next(4);

    private string Id() => Convert.ToHexStringLower(BitConverter.GetBytes(random.NextInt64()));

    private int NextNumber() => random.Next();
}
