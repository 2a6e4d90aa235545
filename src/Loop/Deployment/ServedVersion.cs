using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Gyre.Primitives;

namespace Gyre.Loop.Deployment;

/// <summary>Asks a server which version of a model it serves.</summary>
public static class ServedVersion
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(20);

    /// <summary>Waits until a server serves a version.</summary>
    /// <param name="server">A client whose base address is the server.</param>
    /// <param name="model">The model.</param>
    /// <param name="version">The version waited for.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="GyreException">It did not within 20 s.</exception>
    public static async Task WaitAsync(HttpClient server, string model, int version, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        while (!await IsServedAsync(server, model, version, cancellationToken))
        {
            if (clock.Elapsed > _patience)
            {
                throw new GyreException(ErrorCode.Unavailable,
                    $"the server did not serve version {version} of '{model}' within {_patience.TotalSeconds:0} s");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(5), cancellationToken);
        }
    }

    private static async Task<bool> IsServedAsync(
        HttpClient server, string model, int version, CancellationToken cancellationToken)
    {
        using var response = await server.GetAsync(new Uri($"v2/models/{model}", UriKind.Relative), cancellationToken);
        if (!response.IsSuccessStatusCode) return false;
        var metadata = JsonNode.Parse(await response.Content.ReadAsStringAsync(cancellationToken));
        var wanted = version.ToString(CultureInfo.InvariantCulture);
        return metadata?["versions"] is JsonArray served && served.Any(v => v?.GetValue<string>() == wanted);
    }
}
