using Gyre.Primitives;

namespace Gyre.Server.Telemetry;

/// <summary>
/// Where telemetry goes over OTLP: an address of ours, or OpenTelemetry's environment variables. Knows nothing of
/// OpenTelemetry's packages, which are not even loaded unless one of the two is there.
/// </summary>
internal sealed record OtlpSettings
{
    private const string Prefix = "OTEL_EXPORTER_OTLP_";

    private readonly Func<string, string?> _environment;
    private readonly Uri? _address;

    private OtlpSettings(Uri? address, Func<string, string?> environment) =>
        (_address, _environment) = (address, environment);

    /// <summary>Whether spans are sent.</summary>
    public bool Traces => IsSent("TRACES");

    /// <summary>Whether metrics are sent.</summary>
    public bool Metrics => IsSent("METRICS");

    /// <summary>The settings, or null where nothing is to be sent.</summary>
    /// <param name="address">The collector's address; takes precedence over the variables.</param>
    /// <param name="environment">Reads a variable.</param>
    /// <exception cref="GyreException">The address is none.</exception>
    public static OtlpSettings? Read(string? address, Func<string, string?> environment)
    {
        if (string.Equals(environment("OTEL_SDK_DISABLED"), "true", StringComparison.OrdinalIgnoreCase)) return null;
        var settings = new OtlpSettings(address is null ? null : Parse(address, "the OTLP address"), environment);
        return settings.Traces || settings.Metrics ? settings : null;
    }

    /// <summary>The endpoint of a signal, complete, or null to leave it to OpenTelemetry.</summary>
    /// <param name="signal"><c>TRACES</c> or <c>METRICS</c>.</param>
    /// <exception cref="GyreException">A variable's value is no address.</exception>
    public Uri? Endpoint(string signal)
    {
        if (_address is { } address)
            return IsGrpc(signal) ? address : new Uri(address.AbsoluteUri.TrimEnd('/') + PathOf(signal));
        var name = $"{Prefix}{signal}_ENDPOINT";
        return Value(name) is { } own ? Parse(own, name) : null;
    }

    /// <summary>Whether a signal is sent over gRPC; else it is protobuf over HTTP, OpenTelemetry's default.</summary>
    public bool IsGrpc(string signal) => Value(signal, "PROTOCOL") == "grpc";

    /// <summary>Headers of a signal's own, or null.</summary>
    public string? Headers(string signal) => Value($"{Prefix}{signal}_HEADERS");

    private static string PathOf(string signal) => signal == "TRACES" ? "/v1/traces" : "/v1/metrics";

    private bool IsSent(string signal)
    {
        var exporter = Value($"OTEL_{signal}_EXPORTER");
        return exporter != "none" && (_address is not null || Value(signal, "ENDPOINT") is not null);
    }

    private string? Value(string signal, string setting) =>
        Value($"{Prefix}{signal}_{setting}") ?? Value(Prefix + setting);

    // The specification counts an empty variable as none.
    private string? Value(string name) => _environment(name) is { Length: > 0 } value ? value : null;

    private static Uri Parse(string text, string name) =>
        Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https"
            ? address
            : throw GyreException.Invalid($"{name} is '{text}': expected an address such as http://127.0.0.1:4318.");
}
