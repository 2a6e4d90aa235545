namespace Gyre.Client;

/// <summary>Where the server is, how to sign in, how patient to be.</summary>
public sealed record MlflowClientOptions
{
    /// <summary>
    /// The server's address. Default: the environment's <c>MLFLOW_TRACKING_URI</c>, else <c>http://127.0.0.1:5000</c>.
    /// </summary>
    public Uri TrackingUri { get; init; } =
        new(Environment.GetEnvironmentVariable("MLFLOW_TRACKING_URI") is { Length: > 0 } uri ? uri : "http://127.0.0.1:5000");

    /// <summary>A bearer token. Default: <c>MLFLOW_TRACKING_TOKEN</c>.</summary>
    public string? Token { get; init; } = Environment.GetEnvironmentVariable("MLFLOW_TRACKING_TOKEN");

    /// <summary>A user for basic authentication. Default: <c>MLFLOW_TRACKING_USERNAME</c>.</summary>
    public string? UserName { get; init; } = Environment.GetEnvironmentVariable("MLFLOW_TRACKING_USERNAME");

    /// <summary>The user's password. Default: <c>MLFLOW_TRACKING_PASSWORD</c>.</summary>
    public string? Password { get; init; } = Environment.GetEnvironmentVariable("MLFLOW_TRACKING_PASSWORD");

    /// <summary>
    /// How often a request is repeated after 408, 429, 500, 502, 503, 504 or a lost connection. Default 7.
    /// </summary>
    public int Retries { get; init; } = 7;

    /// <summary>The first pause between two tries; each is twice the last, up to a minute. Default 200 ms.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>How long one try may take. Default two minutes; transfers of files have no limit.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>The clock of timestamps and pauses.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>How requests are sent; for tests and proxies. Default: connections of the client's own.</summary>
    public HttpMessageHandler? Handler { get; init; }
}
