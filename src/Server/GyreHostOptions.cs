using Gyre.Server.Metrics;
using Gyre.Server.Protection;
using Gyre.Serving;
using Gyre.Tracking;
using Microsoft.Extensions.Logging;

namespace Gyre.Server;

/// <summary>What a host serves, where and how.</summary>
public sealed class GyreHostOptions
{
    /// <summary>The workspace's folder, which holds <c>.gyre/</c>.</summary>
    public required string Workspace { get; init; }

    /// <summary>Where metadata is stored. Default: the workspace's own SQLite file, <c>.gyre/gyre.db</c>.</summary>
    public StoreAddress? Store { get; init; }

    /// <summary>
    /// Where artifacts are kept. Default: the workspace's own folder, <c>.gyre/artifacts</c>, which is the only place
    /// that the loop writes to.
    /// </summary>
    public ArtifactRoot? Artifacts { get; init; }

    /// <summary>
    /// Addresses to listen on, separated by semicolons; port 0 takes a free one. Default <c>http://127.0.0.1:5000</c>.
    /// </summary>
    public string Urls { get; init; } = "http://127.0.0.1:5000";

    /// <summary>
    /// Addresses for gRPC, as above, or null for none, the default. Without TLS nothing tells HTTP/2 from HTTP/1.1
    /// before the first byte, so these speak HTTP/2 only.
    /// </summary>
    public string? GrpcUrls { get; init; }

    /// <summary>The clock of records and decisions. Default the system's.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>What an acknowledged write survives. Default: the process being killed.</summary>
    public Durability Durability { get; init; } = Durability.Process;

    /// <summary>
    /// Whether the host also watches the predictions and retrains. Default off: it serves and records.
    /// </summary>
    public bool Loop { get; init; }

    /// <summary>How MLflow's REST API is offered.</summary>
    public TrackingOptions Tracking { get; init; } = new();

    /// <summary>How predictions are served and recorded.</summary>
    public ServingOptions Serving { get; init; } = new();

    /// <summary>Whose names predictions are counted under, beside Gyre's own. Default Gyre's alone.</summary>
    public MetricNames MetricNames { get; init; } = MetricNames.Gyre;

    /// <summary>Who may ask for what. Default: programs on this machine, and keys.</summary>
    public ProtectionOptions Protection { get; init; } = new();

    /// <summary>
    /// The address of an OpenTelemetry collector that spans and metrics are sent to over OTLP, such as
    /// <c>http://127.0.0.1:4318</c>. Default: what <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> says; without it nothing is sent.
    /// </summary>
    public string? Otlp { get; init; }

    /// <summary>The least severe messages that are written to standard error. Default warnings.</summary>
    public LogLevel LogLevel { get; init; } = LogLevel.Warning;

    /// <summary>How they are written. Default text.</summary>
    public LogFormat LogFormat { get; init; } = LogFormat.Text;
}
