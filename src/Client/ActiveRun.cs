namespace Gyre.Client;

/// <summary>
/// A run that is under way: logging returns at once, a background task sends what was logged together, in order, and
/// repeats until the server takes it. Disposing sends the rest and ends the run. Thread-safe.
/// <code>
/// using var run = ActiveRun.Start("churn", "first try");
/// run.LogParam("rounds", 200);
/// for (var epoch = 0; epoch &lt; 10; epoch++) run.LogMetric("loss", Train(), epoch);
/// </code>
/// </summary>
public sealed class ActiveRun : IDisposable, IAsyncDisposable
{
    private readonly MlflowClient _client;
    private readonly bool _ownsClient;
    private readonly LogQueue _queue;
    private int _disposed;

    private ActiveRun(MlflowClient client, bool ownsClient, RunInfo info)
    {
        (_client, _ownsClient, Info) = (client, ownsClient, info);
        _queue = new LogQueue(client, info.RunId);
    }

    /// <summary>The run as it was begun.</summary>
    public RunInfo Info { get; }

    /// <summary>Its id.</summary>
    public string Id => Info.RunId;

    /// <summary>How disposing ends it. Default finished; <see cref="Fail"/> sets failed.</summary>
    public RunStatus EndStatus { get; set; } = RunStatus.Finished;

    /// <summary>Begins a run; the experiment is made when absent.</summary>
    /// <param name="experiment">The experiment's name; null for the default one.</param>
    /// <param name="runName">The run's name; the server makes one up when null.</param>
    /// <param name="tags">Its first tags.</param>
    /// <param name="parent">The run it is a part of.</param>
    /// <param name="client">Whose server; by default the one that the environment names.</param>
    /// <exception cref="MlflowException">The server refused or could not be reached.</exception>
    public static ActiveRun Start(
        string? experiment = null, string? runName = null, IReadOnlyList<Tag>? tags = null, ActiveRun? parent = null,
        MlflowClient? client = null) =>
        // On the pool: a caller with a synchronisation context of its own must not wait for itself.
        Task.Run(() => StartAsync(experiment, runName, tags, parent, client)).GetAwaiter().GetResult();

    /// <summary>As <see cref="Start"/>, without blocking.</summary>
    public static async Task<ActiveRun> StartAsync(
        string? experiment = null, string? runName = null, IReadOnlyList<Tag>? tags = null, ActiveRun? parent = null,
        MlflowClient? client = null, CancellationToken cancellationToken = default)
    {
        var own = client ?? new MlflowClient();
        try
        {
            var experimentId = experiment is null
                ? parent?.Info.ExperimentId ?? "0"
                : await FindOrCreateAsync(own, experiment, cancellationToken).ConfigureAwait(false);
            List<Tag> all = [.. tags ?? []];
            if (parent is not null) all.Add(new Tag("mlflow.parentRunId", parent.Id));
            if (all.TrueForAll(tag => tag.Key != "mlflow.user")) all.Add(new Tag("mlflow.user", Environment.UserName));
            var run = await own.CreateRunAsync(experimentId, runName, all, cancellationToken).ConfigureAwait(false);
            return new ActiveRun(own, client is null, run.Info);
        }
        catch when (client is null)
        {
            own.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Runs <paramref name="work"/> inside a run that ends finished, or failed with the exception's text as a tag.
    /// </summary>
    public static async Task RunAsync(
        string? experiment, string? runName, Func<ActiveRun, Task> work, MlflowClient? client = null,
        CancellationToken cancellationToken = default)
    {
        var run = await StartAsync(experiment, runName, client: client, cancellationToken: cancellationToken)
            .ConfigureAwait(false);
        await using (run.ConfigureAwait(false))
        {
            try
            {
                await work(run).ConfigureAwait(false);
            }
            catch (Exception ex)
            {
                run.Fail(ex);
                throw;
            }
        }
    }

    /// <summary>Logs a point of a metric, measured now.</summary>
    /// <param name="key">Its name.</param>
    /// <param name="value">The value; NaN and infinities are allowed.</param>
    /// <param name="step">The position on the run's own axis, such as the epoch.</param>
    public void LogMetric(string key, double value, long step = 0) =>
        _queue.Add(new Metric(key, value, _client.Time.GetUtcNow().ToUnixTimeMilliseconds(), step));

    /// <summary>Logs points of several metrics at one step.</summary>
    public void LogMetrics(IReadOnlyDictionary<string, double> metrics, long step = 0)
    {
        foreach (var (key, value) in metrics) LogMetric(key, value, step);
    }

    /// <summary>Logs a parameter; written invariantly, so that 0.5 has a point everywhere.</summary>
    public void LogParam(string key, object? value) => _queue.Add(
        new Param(key, Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture) ?? ""));

    /// <summary>Sets a tag.</summary>
    public void SetTag(string key, string value) => _queue.Add(new Tag(key, value));

    /// <summary>Uploads a file.</summary>
    /// <param name="localPath">The file.</param>
    /// <param name="artifactFolder">The folder among the run's artifacts; null for the root.</param>
    /// <param name="cancellationToken">Cancels the upload.</param>
    public Task LogArtifactAsync(
        string localPath, string? artifactFolder = null, CancellationToken cancellationToken = default) =>
        _client.LogArtifactAsync(Id, localPath, artifactFolder, cancellationToken);

    /// <summary>Uploads a text as a file.</summary>
    public Task LogTextAsync(string text, string artifactPath, CancellationToken cancellationToken = default) =>
        _client.LogTextAsync(Id, text, artifactPath, cancellationToken);

    /// <summary>Marks the run as failed, with the reason as a tag.</summary>
    public void Fail(Exception reason)
    {
        EndStatus = RunStatus.Failed;
        SetTag("error", reason.Message);
    }

    /// <summary>Completes when all that was logged before is stored by the server.</summary>
    /// <exception cref="MlflowException">The server refused something that was logged; what it took is stored.</exception>
    public Task FlushAsync(CancellationToken cancellationToken = default) => _queue.FlushAsync(cancellationToken);

    /// <summary>Sends the rest and ends the run.</summary>
    /// <exception cref="MlflowException">The server refused something that was logged.</exception>
    public void Dispose() => Task.Run(() => DisposeAsync().AsTask()).GetAwaiter().GetResult();

    /// <summary>Sends the rest and ends the run.</summary>
    /// <exception cref="MlflowException">The server refused something that was logged.</exception>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        try
        {
            try
            {
                await _queue.DisposeAsync().ConfigureAwait(false);
            }
            finally
            {
                await _client.SetTerminatedAsync(Id, EndStatus).ConfigureAwait(false);
            }
        }
        finally
        {
            if (_ownsClient) _client.Dispose();
        }
    }

    private static async Task<string> FindOrCreateAsync(
        MlflowClient client, string name, CancellationToken cancellationToken)
    {
        if (await client.GetExperimentByNameAsync(name, cancellationToken).ConfigureAwait(false) is { } known)
            return known.ExperimentId;
        try
        {
            return await client.CreateExperimentAsync(name, cancellationToken: cancellationToken).ConfigureAwait(false);
        }
        catch (MlflowException ex) when (ex.ErrorCode == "RESOURCE_ALREADY_EXISTS")
        {
            // Another process was faster, or an answer got lost on the way and the request was repeated.
            var made = await client.GetExperimentByNameAsync(name, cancellationToken).ConfigureAwait(false);
            if (made is null) throw;
            return made.ExperimentId;
        }
    }
}
