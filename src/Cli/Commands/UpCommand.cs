using System.CommandLine;
using Gyre.Loop.Pipeline;
using Gyre.Server;
using Gyre.Serving;
using Gyre.Tracking;
using Microsoft.Extensions.Logging;

namespace Gyre.Cli.Commands;

/// <summary>
/// `gyre up`: serves the champion, logs, watches, retrains; in a folder without a pipeline, the tracking server alone.
/// </summary>
internal static class UpCommand
{
    public static Command Create()
    {
        var project = CommonOptions.Project();
        var urls = new Option<string?>("--urls")
        {
            Description = "Where to listen; by default serving.urls of gyre.yaml.", HelpName = "URLS",
        };
        var grpcUrls = new Option<string?>("--grpc-urls")
        {
            Description = "Where to listen for gRPC, which without TLS needs a port of its own; by default the port after "
                + "the one of --urls. 'none' does not serve it.",
            HelpName = "URLS",
        };
        var store = new Option<string?>("--store")
        {
            Description = "The database of experiments, runs and models: sqlite:///FILE or "
                + "postgresql://USER:PASSWORD@HOST:PORT/DATABASE, also one made by MLflow; by default the workspace's own.",
            HelpName = "ADDRESS",
        };
        var artifacts = new Option<string?>("--artifacts")
        {
            Description = "Where files of runs and models are kept: a folder or s3://BUCKET/PREFIX (keys and endpoint "
                + "from the usual AWS_ variables and MLFLOW_S3_ENDPOINT_URL); by default the workspace's own folder.",
            HelpName = "ROOT",
        };
        var hosts = new Option<string[]>("--allowed-hosts")
        {
            Description = "Names under which MLflow's API may be asked, beside local and private addresses: NAME, *.NAME or *.",
            HelpName = "NAMES",
            AllowMultipleArgumentsPerToken = true,
        };
        var protection = new ProtectionArguments();
        var observe = new ObserveOptions();
        var command = new Command("up",
            """
            Serve the champion, log predictions, watch them, and retrain when it pays. Without a gyre.yaml: serve
            experiments, runs and models to MLflow's clients.

            Examples:
              gyre up --urls http://127.0.0.1:5000
              gyre up --store sqlite:///mlflow.db --artifacts s3://models/team
              gyre up --store postgresql://gyre:secret@db.example.org/mlflow
            """)
        {
            urls, grpcUrls, store, artifacts, hosts, project,
        };
        protection.AddTo(command);
        observe.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var folder = parsed.GetValue(project)!.FullName;
            var definition = File.Exists(Path.Combine(folder, PipelineReader.FileName))
                ? await PipelineReader.ReadAsync(folder, cancellationToken)
                : null;
            var serving = definition?.Serving ?? new ServingSettings();
            var httpUrls = protection.UrlsOr(parsed, parsed.GetValue(urls), serving.Urls);
            await using var server = GyreHost.Build(new GyreHostOptions
            {
                Workspace = folder,
                Store = parsed.GetValue(store) is { } address ? StoreAddress.Parse(address) : null,
                Artifacts = parsed.GetValue(artifacts) is { } root ? ArtifactRoot.Parse(root) : null,
                Urls = httpUrls,
                GrpcUrls = parsed.GetValue(grpcUrls) switch
                {
                    null => GrpcAddress.Beside(httpUrls, Console.Error),
                    "none" => null,
                    var given => given,
                },
                Time = TimeProvider.System,
                Durability = serving.DurableDevice ? Durability.Device : Durability.Process,
                Tracking = new TrackingOptions { AllowedHosts = parsed.GetValue(hosts) ?? [] },
                Protection = protection.In(parsed),
                Serving = protection.Limit(parsed, new ServingOptions
                {
                    StrictPredictionLog = serving.StrictLog,
                    LogPolicies = definition is null
                        ? new Dictionary<string, LogPolicy>()
                        : new Dictionary<string, LogPolicy> { [definition.Model] = serving.Log },
                    SlowPrediction = observe.SlowIn(parsed),
                }, serving.MaximumBodyBytes),
                MetricNames = observe.NamesIn(parsed, serving.MetricNames),
                Otlp = observe.OtlpIn(parsed),
                Loop = definition is not null,
                LogLevel = observe.LevelIn(parsed),
                LogFormat = observe.FormatIn(parsed),
            });
            await server.StartAsync(cancellationToken);
            if (definition is { Source.Feedback: true, RedactedInputs: { IsEmpty: false } redacted })
            {
                await Console.Error.WriteLineAsync("gyre: served rows will not join the training data: the prediction log "
                    + $"does not keep {string.Join(", ", redacted)} (`serving.log.redact`), which the model reads");
            }

            var what = definition is null ? "experiments, runs and models" : $"'{definition.Model}'";
            Console.WriteLine($"gyre serves {what} at {string.Join(", ", server.Urls)}; Ctrl+C stops it");
            var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await using var stop = cancellationToken.Register(stopped.SetResult);
            await stopped.Task;
            await server.StopAsync(CancellationToken.None);
            return 0;
        });
        return command;
    }
}
