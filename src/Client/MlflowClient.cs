using System.Runtime.CompilerServices;
using System.Text.Json.Serialization.Metadata;

namespace Gyre.Client;

/// <summary>
/// One method for each request of MLflow's REST API: experiments, runs, metrics, artifacts, the model registry. Works
/// against Gyre and against MLflow. Every method throws <see cref="MlflowException"/> when the server refuses, and
/// repeats what may succeed later. Thread-safe. <see cref="ActiveRun"/> is the comfortable way to log.
/// </summary>
public sealed class MlflowClient : IDisposable
{
    private const int PageSize = 1000;
    private const int HistoryPageSize = 25_000;
    private const int MaxBatchMetrics = 1000;
    private const int MaxBatchPairs = 100;
    private const string Api = "2.0/mlflow/";

    private readonly RestTransport _transport;
    private readonly TimeProvider _time;

    /// <summary>A client of the server that the options, or the environment, name.</summary>
    public MlflowClient(MlflowClientOptions? options = null)
    {
        options ??= new MlflowClientOptions();
        (_transport, _time) = (new RestTransport(options), options.Time);
    }

    /// <summary>A client of the server at an address.</summary>
    public MlflowClient(Uri trackingUri)
        : this(new MlflowClientOptions { TrackingUri = trackingUri })
    {
    }

    internal TimeProvider Time => _time;

    /// <summary>Makes an experiment and returns its id.</summary>
    public async Task<string> CreateExperimentAsync(
        string name, string? artifactLocation = null, IReadOnlyList<Tag>? tags = null,
        CancellationToken cancellationToken = default)
    {
        var answer = await PostAsync("experiments/create", new NewExperiment(name, artifactLocation, tags),
            Wire.Default.NewExperiment, Wire.Default.ExperimentAnswer, cancellationToken).ConfigureAwait(false);
        return answer.ExperimentId ?? throw new MlflowException("The answer names no experiment.", "BAD_ANSWER");
    }

    /// <summary>The experiment of that id, deleted or not.</summary>
    public async Task<Experiment> GetExperimentAsync(string experimentId, CancellationToken cancellationToken = default) =>
        (await GetAsync($"experiments/get?experiment_id={Escape(experimentId)}", Wire.Default.ExperimentAnswer, cancellationToken)
            .ConfigureAwait(false)).Experiment ?? throw new MlflowException("The answer holds no experiment.", "BAD_ANSWER");

    /// <summary>The experiment of that name, deleted or not; null when there is none.</summary>
    public async Task<Experiment?> GetExperimentByNameAsync(string name, CancellationToken cancellationToken = default)
    {
        try
        {
            return (await GetAsync($"experiments/get-by-name?experiment_name={Escape(name)}", Wire.Default.ExperimentAnswer,
                cancellationToken).ConfigureAwait(false)).Experiment;
        }
        catch (MlflowException ex) when (ex.IsNotFound)
        {
            return null;
        }
    }

    /// <summary>Experiments that match a filter, such as <c>name LIKE 'churn%'</c>, page by page.</summary>
    public IAsyncEnumerable<Experiment> SearchExperimentsAsync(
        string? filter = null, IReadOnlyList<string>? orderBy = null, ViewType view = ViewType.ActiveOnly,
        CancellationToken cancellationToken = default) =>
        PagesAsync(
            async token =>
            {
                var page = await PostAsync("experiments/search", new ExperimentQuery(filter, orderBy, view, PageSize, token),
                    Wire.Default.ExperimentQuery, Wire.Default.ExperimentPage, cancellationToken).ConfigureAwait(false);
                return (page.Experiments, page.NextPageToken);
            },
            cancellationToken);

    /// <summary>Renames an experiment.</summary>
    public Task RenameExperimentAsync(string experimentId, string newName, CancellationToken cancellationToken = default) =>
        PostAsync("experiments/update", new ExperimentUpdate(experimentId, newName, null, null),
            Wire.Default.ExperimentUpdate, Wire.Default.Empty, cancellationToken);

    /// <summary>Marks an experiment and its runs deleted.</summary>
    public Task DeleteExperimentAsync(string experimentId, CancellationToken cancellationToken = default) =>
        PostAsync("experiments/delete", new ExperimentUpdate(experimentId, null, null, null),
            Wire.Default.ExperimentUpdate, Wire.Default.Empty, cancellationToken);

    /// <summary>Brings a deleted experiment and its runs back.</summary>
    public Task RestoreExperimentAsync(string experimentId, CancellationToken cancellationToken = default) =>
        PostAsync("experiments/restore", new ExperimentUpdate(experimentId, null, null, null),
            Wire.Default.ExperimentUpdate, Wire.Default.Empty, cancellationToken);

    /// <summary>Sets a tag of an experiment.</summary>
    public Task SetExperimentTagAsync(
        string experimentId, string key, string value, CancellationToken cancellationToken = default) =>
        PostAsync("experiments/set-experiment-tag", new ExperimentUpdate(experimentId, null, key, value),
            Wire.Default.ExperimentUpdate, Wire.Default.Empty, cancellationToken);

    /// <summary>Begins a run.</summary>
    /// <param name="experimentId">The experiment; <c>0</c> is the default one.</param>
    /// <param name="runName">Its name; the server makes one up when null.</param>
    /// <param name="tags">Its first tags.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    public async Task<Run> CreateRunAsync(
        string experimentId, string? runName = null, IReadOnlyList<Tag>? tags = null,
        CancellationToken cancellationToken = default) =>
        (await PostAsync("runs/create", new NewRun(experimentId, runName, Now(), tags),
            Wire.Default.NewRun, Wire.Default.RunAnswer, cancellationToken).ConfigureAwait(false)).Run;

    /// <summary>A run with the latest value of each metric, its parameters and tags.</summary>
    public async Task<Run> GetRunAsync(string runId, CancellationToken cancellationToken = default) =>
        (await GetAsync($"runs/get?run_id={Escape(runId)}", Wire.Default.RunAnswer, cancellationToken)
            .ConfigureAwait(false)).Run;

    /// <summary>Runs of some experiments that match a filter, such as <c>metrics.rmse &lt; 40</c>, page by page.</summary>
    public IAsyncEnumerable<Run> SearchRunsAsync(
        IReadOnlyList<string> experimentIds, string? filter = null, IReadOnlyList<string>? orderBy = null,
        ViewType view = ViewType.ActiveOnly, CancellationToken cancellationToken = default) =>
        PagesAsync(
            async token =>
            {
                var page = await PostAsync("runs/search",
                    new RunQuery(experimentIds, filter, view, PageSize, orderBy, token),
                    Wire.Default.RunQuery, Wire.Default.RunPage, cancellationToken).ConfigureAwait(false);
                return (page.Runs, page.NextPageToken);
            },
            cancellationToken);

    /// <summary>Ends a run now, or sets another status.</summary>
    public Task SetTerminatedAsync(
        string runId, RunStatus status = RunStatus.Finished, CancellationToken cancellationToken = default) =>
        PostAsync("runs/update", new RunUpdate(runId, status, Now(), null),
            Wire.Default.RunUpdate, Wire.Default.Empty, cancellationToken);

    /// <summary>Marks a run deleted.</summary>
    public Task DeleteRunAsync(string runId, CancellationToken cancellationToken = default) =>
        PostAsync("runs/delete", new RunReference(runId), Wire.Default.RunReference, Wire.Default.Empty, cancellationToken);

    /// <summary>Brings a deleted run back.</summary>
    public Task RestoreRunAsync(string runId, CancellationToken cancellationToken = default) =>
        PostAsync("runs/restore", new RunReference(runId), Wire.Default.RunReference, Wire.Default.Empty, cancellationToken);

    /// <summary>Logs a point of a metric.</summary>
    public Task LogMetricAsync(
        string runId, string key, double value, long step = 0, CancellationToken cancellationToken = default) =>
        PostAsync("runs/log-metric", new RunMetric(runId, key, value, Now(), step),
            Wire.Default.RunMetric, Wire.Default.Empty, cancellationToken);

    /// <summary>Logs a parameter; another value for the same one is refused.</summary>
    public Task LogParamAsync(string runId, string key, string value, CancellationToken cancellationToken = default) =>
        PostAsync("runs/log-parameter", new RunValue(runId, key, value),
            Wire.Default.RunValue, Wire.Default.Empty, cancellationToken);

    /// <summary>Sets a tag of a run.</summary>
    public Task SetTagAsync(string runId, string key, string value, CancellationToken cancellationToken = default) =>
        PostAsync("runs/set-tag", new RunValue(runId, key, value),
            Wire.Default.RunValue, Wire.Default.Empty, cancellationToken);

    /// <summary>Removes a tag of a run.</summary>
    public Task DeleteTagAsync(string runId, string key, CancellationToken cancellationToken = default) =>
        PostAsync("runs/delete-tag", new RunValue(runId, key, null),
            Wire.Default.RunValue, Wire.Default.Empty, cancellationToken);

    /// <summary>
    /// Logs many things with few requests: lists longer than the protocol allows are sent in pieces, in order.
    /// </summary>
    public async Task LogBatchAsync(
        string runId, IReadOnlyList<Metric>? metrics = null, IReadOnlyList<Param>? parameters = null,
        IReadOnlyList<Tag>? tags = null, CancellationToken cancellationToken = default)
    {
        var pairs = Math.Max(Pieces(parameters, MaxBatchPairs), Pieces(tags, MaxBatchPairs));
        for (var i = 0; i < pairs; i++)
        {
            await SendBatchAsync(new RunBatch(
                runId, null, Piece(parameters, i, MaxBatchPairs), Piece(tags, i, MaxBatchPairs))).ConfigureAwait(false);
        }

        for (var i = 0; i < Pieces(metrics, MaxBatchMetrics); i++)
            await SendBatchAsync(new RunBatch(runId, Piece(metrics, i, MaxBatchMetrics), null, null)).ConfigureAwait(false);

        Task SendBatchAsync(RunBatch batch) => PostAsync(
            "runs/log-batch", batch, Wire.Default.RunBatch, Wire.Default.Empty, cancellationToken);
    }

    /// <summary>Records that a run read a dataset.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="dataset">What it read.</param>
    /// <param name="context">What for, such as <c>training</c>.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    public Task LogInputAsync(
        string runId, Dataset dataset, string? context = null, CancellationToken cancellationToken = default) =>
        PostAsync("runs/log-inputs",
            new RunInputs(runId, [new DatasetUse(dataset, context is null ? [] : [new Tag("mlflow.data.context", context)])]),
            Wire.Default.RunInputs, Wire.Default.Empty, cancellationToken);

    /// <summary>All points of a metric, by timestamp, step and value, page by page.</summary>
    public IAsyncEnumerable<Metric> GetMetricHistoryAsync(
        string runId, string key, CancellationToken cancellationToken = default) =>
        PagesAsync(
            async token =>
            {
                var path = $"metrics/get-history?run_id={Escape(runId)}&metric_key={Escape(key)}&max_results={HistoryPageSize}"
                    + PageOf(token);
                var page = await GetAsync(path, Wire.Default.MetricPage, cancellationToken).ConfigureAwait(false);
                return (page.Metrics, page.NextPageToken);
            },
            cancellationToken);

    /// <summary>Files and folders of a run, one level.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="path">The folder below the run's artifacts; null for the root.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    public async Task<IReadOnlyList<ArtifactInfo>> ListArtifactsAsync(
        string runId, string? path = null, CancellationToken cancellationToken = default)
    {
        var query = $"artifacts/list?run_id={Escape(runId)}" + (path is null ? "" : $"&path={Escape(path)}");
        return (await GetAsync(query, Wire.Default.ArtifactPage, cancellationToken).ConfigureAwait(false)).Files ?? [];
    }

    /// <summary>Uploads a file to a run through the server's artifact proxy.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="localPath">The file.</param>
    /// <param name="artifactFolder">The folder among the run's artifacts; null for the root.</param>
    /// <param name="cancellationToken">Cancels the upload; nothing of it becomes visible then.</param>
    public async Task LogArtifactAsync(
        string runId, string localPath, string? artifactFolder = null, CancellationToken cancellationToken = default)
    {
        var name = Path.GetFileName(localPath);
        var target = await ArtifactPathAsync(
            runId, artifactFolder is null ? name : $"{artifactFolder.Trim('/')}/{name}", cancellationToken).ConfigureAwait(false);
        await _transport.UploadAsync(target, () => File.OpenRead(localPath), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Uploads a text as a file of a run, in UTF-8.</summary>
    public async Task LogTextAsync(
        string runId, string text, string artifactPath, CancellationToken cancellationToken = default)
    {
        var target = await ArtifactPathAsync(runId, artifactPath, cancellationToken).ConfigureAwait(false);
        var bytes = System.Text.Encoding.UTF8.GetBytes(text);
        await _transport.UploadAsync(target, () => new MemoryStream(bytes, writable: false), cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>Opens a file of a run for reading; dispose the stream.</summary>
    public async Task<Stream> OpenArtifactAsync(
        string runId, string artifactPath, CancellationToken cancellationToken = default) =>
        await _transport.DownloadAsync(
            await ArtifactPathAsync(runId, artifactPath, cancellationToken).ConfigureAwait(false), cancellationToken)
            .ConfigureAwait(false);

    /// <summary>Makes a registered model.</summary>
    public async Task<RegisteredModel> CreateRegisteredModelAsync(
        string name, string? description = null, IReadOnlyList<Tag>? tags = null,
        CancellationToken cancellationToken = default) =>
        (await PostAsync("registered-models/create", new NamedModel(name, description, tags, null),
            Wire.Default.NamedModel, Wire.Default.ModelAnswer, cancellationToken).ConfigureAwait(false)).RegisteredModel;

    /// <summary>A registered model with its aliases and latest versions.</summary>
    public async Task<RegisteredModel> GetRegisteredModelAsync(string name, CancellationToken cancellationToken = default) =>
        (await GetAsync($"registered-models/get?name={Escape(name)}", Wire.Default.ModelAnswer, cancellationToken)
            .ConfigureAwait(false)).RegisteredModel;

    /// <summary>Registered models that match a filter, such as <c>name ILIKE '%fare%'</c>, page by page.</summary>
    public IAsyncEnumerable<RegisteredModel> SearchRegisteredModelsAsync(
        string? filter = null, CancellationToken cancellationToken = default) =>
        PagesAsync(
            async token =>
            {
                var path = $"registered-models/search?max_results={PageSize}"
                    + (filter is null ? "" : $"&filter={Escape(filter)}") + PageOf(token);
                var page = await GetAsync(path, Wire.Default.ModelPage, cancellationToken).ConfigureAwait(false);
                return (page.RegisteredModels, page.NextPageToken);
            },
            cancellationToken);

    /// <summary>Deletes a registered model with its versions.</summary>
    public Task DeleteRegisteredModelAsync(string name, CancellationToken cancellationToken = default) =>
        SendAsync(HttpMethod.Delete, "registered-models/delete", new NamedModel(name, null, null, null),
            Wire.Default.NamedModel, Wire.Default.Empty, cancellationToken);

    /// <summary>Registers a version of a model.</summary>
    /// <param name="name">The model, which exists.</param>
    /// <param name="source">Where its files lie, such as <c>runs:/RUN/model</c> resolved to the run's artifact URI.</param>
    /// <param name="runId">The run that made it.</param>
    /// <param name="description">For people.</param>
    /// <param name="tags">Its tags.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    public async Task<ModelVersion> CreateModelVersionAsync(
        string name, string source, string? runId = null, string? description = null, IReadOnlyList<Tag>? tags = null,
        CancellationToken cancellationToken = default) =>
        (await PostAsync("model-versions/create", new NewVersion(name, source, runId, description, tags, null),
            Wire.Default.NewVersion, Wire.Default.VersionAnswer, cancellationToken).ConfigureAwait(false)).ModelVersion;

    /// <summary>A version of a model.</summary>
    public async Task<ModelVersion> GetModelVersionAsync(
        string name, string version, CancellationToken cancellationToken = default) =>
        (await GetAsync($"model-versions/get?name={Escape(name)}&version={Escape(version)}", Wire.Default.VersionAnswer,
            cancellationToken).ConfigureAwait(false)).ModelVersion;

    /// <summary>The version that an alias points at.</summary>
    public async Task<ModelVersion> GetModelVersionByAliasAsync(
        string name, string alias, CancellationToken cancellationToken = default) =>
        (await GetAsync($"registered-models/alias?name={Escape(name)}&alias={Escape(alias)}", Wire.Default.VersionAnswer,
            cancellationToken).ConfigureAwait(false)).ModelVersion;

    /// <summary>Versions that match a filter, such as <c>name = 'fares'</c>, page by page.</summary>
    public IAsyncEnumerable<ModelVersion> SearchModelVersionsAsync(
        string? filter = null, CancellationToken cancellationToken = default) =>
        PagesAsync(
            async token =>
            {
                var path = $"model-versions/search?max_results={PageSize}"
                    + (filter is null ? "" : $"&filter={Escape(filter)}") + PageOf(token);
                var page = await GetAsync(path, Wire.Default.VersionPage, cancellationToken).ConfigureAwait(false);
                return (page.ModelVersions, page.NextPageToken);
            },
            cancellationToken);

    /// <summary>Moves a version to <c>None</c>, <c>Staging</c>, <c>Production</c> or <c>Archived</c>.</summary>
    public async Task<ModelVersion> TransitionModelVersionStageAsync(
        string name, string version, string stage, bool archiveExistingVersions = false,
        CancellationToken cancellationToken = default) =>
        (await PostAsync("model-versions/transition-stage", new StageMove(name, version, stage, archiveExistingVersions),
            Wire.Default.StageMove, Wire.Default.VersionAnswer, cancellationToken).ConfigureAwait(false)).ModelVersion;

    /// <summary>Deletes a version; its number is never used again.</summary>
    public Task DeleteModelVersionAsync(string name, string version, CancellationToken cancellationToken = default) =>
        SendAsync(HttpMethod.Delete, "model-versions/delete", new VersionValue(name, version, null, null),
            Wire.Default.VersionValue, Wire.Default.Empty, cancellationToken);

    /// <summary>Sets a tag of a version.</summary>
    public Task SetModelVersionTagAsync(
        string name, string version, string key, string value, CancellationToken cancellationToken = default) =>
        PostAsync("model-versions/set-tag", new VersionValue(name, version, key, value),
            Wire.Default.VersionValue, Wire.Default.Empty, cancellationToken);

    /// <summary>Points an alias at a version; on Gyre this is what deploys it.</summary>
    public Task SetRegisteredModelAliasAsync(
        string name, string alias, string version, CancellationToken cancellationToken = default) =>
        PostAsync("registered-models/alias", new AliasMove(name, alias, version),
            Wire.Default.AliasMove, Wire.Default.Empty, cancellationToken);

    /// <summary>Removes an alias.</summary>
    public Task DeleteRegisteredModelAliasAsync(string name, string alias, CancellationToken cancellationToken = default) =>
        SendAsync(HttpMethod.Delete, "registered-models/alias", new AliasMove(name, alias, null),
            Wire.Default.AliasMove, Wire.Default.Empty, cancellationToken);

    /// <summary>Where a version's files lie.</summary>
    public async Task<string> GetModelVersionDownloadUriAsync(
        string name, string version, CancellationToken cancellationToken = default) =>
        (await GetAsync($"model-versions/get-download-uri?name={Escape(name)}&version={Escape(version)}",
            Wire.Default.UriAnswer, cancellationToken).ConfigureAwait(false)).ArtifactUri;

    /// <summary>Closes the connections.</summary>
    public void Dispose() => _transport.Dispose();

    private long Now() => _time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>The proxy's path of a run's file.</summary>
    private async Task<string> ArtifactPathAsync(string runId, string artifactPath, CancellationToken cancellationToken)
    {
        const string scheme = "mlflow-artifacts:/";
        var uri = (await GetRunAsync(runId, cancellationToken).ConfigureAwait(false)).Info.ArtifactUri ?? "";
        if (!uri.StartsWith(scheme, StringComparison.Ordinal))
        {
            throw new MlflowException(
                $"The artifacts of run {runId} lie at '{uri}', which the server does not pass on.", "UNSUPPORTED_ARTIFACTS");
        }

        // mlflow-artifacts://host/path names the server as well; the path is what counts.
        var path = uri.StartsWith(scheme + "/", StringComparison.Ordinal)
            ? new Uri(uri).AbsolutePath
            : uri[scheme.Length..];
        var parts = $"{path.Trim('/')}/{artifactPath.Trim('/')}".Split('/').Select(Escape);
        return $"2.0/mlflow-artifacts/artifacts/{string.Join('/', parts)}";
    }

    private Task<TAnswer> PostAsync<TBody, TAnswer>(
        string path, TBody body, JsonTypeInfo<TBody> bodyType, JsonTypeInfo<TAnswer> answerType,
        CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Post, path, body, bodyType, answerType, cancellationToken);

    private Task<TAnswer> SendAsync<TBody, TAnswer>(
        HttpMethod method, string path, TBody body, JsonTypeInfo<TBody> bodyType, JsonTypeInfo<TAnswer> answerType,
        CancellationToken cancellationToken) =>
        _transport.SendAsync(method, Api + path, body, bodyType, answerType, cancellationToken);

    private Task<TAnswer> GetAsync<TAnswer>(
        string path, JsonTypeInfo<TAnswer> answerType, CancellationToken cancellationToken) =>
        _transport.GetAsync(Api + path, answerType, cancellationToken);

    private static async IAsyncEnumerable<T> PagesAsync<T>(
        Func<string?, Task<(IReadOnlyList<T>? Items, string? Next)>> read,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? token = null;
        do
        {
            cancellationToken.ThrowIfCancellationRequested();
            (var items, token) = await read(token).ConfigureAwait(false);
            foreach (var item in items ?? []) yield return item;
        }
        while (!string.IsNullOrEmpty(token));
    }

    private static string PageOf(string? token) => token is null ? "" : $"&page_token={Escape(token)}";

    private static string Escape(string text) => Uri.EscapeDataString(text);

    private static int Pieces<T>(IReadOnlyList<T>? items, int size) => ((items?.Count ?? 0) + size - 1) / size;

    private static List<T>? Piece<T>(IReadOnlyList<T>? items, int index, int size) =>
        items is null ? null : [.. items.Skip(index * size).Take(size)];
}
