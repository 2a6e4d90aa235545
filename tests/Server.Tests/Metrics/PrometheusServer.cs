using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Gyre.Fixtures;

namespace Gyre.Server.Tests.Metrics;

/// <summary>A real Prometheus that scrapes one server several times a second, ended with this object.</summary>
internal sealed class PrometheusServer : IDisposable
{
    private readonly TemporaryFolder _folder;
    private readonly Process _process;
    private readonly HttpClient _client;

    private PrometheusServer(TemporaryFolder folder, Process process, HttpClient client) =>
        (_folder, _process, _client) = (folder, process, client);

    public static PrometheusServer Start(Uri scraped)
    {
        var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("prometheus.yml"), $$"""
            global: { scrape_interval: 200ms, scrape_timeout: 200ms }
            scrape_configs:
              - job_name: gyre
                static_configs: [ { targets: [ "{{scraped.Authority}}" ] } ]
            """);
        var address = $"127.0.0.1:{FreePort()}";
        var process = Process.Start(new ProcessStartInfo("prometheus",
        [
            "--config.file", folder.File("prometheus.yml"), "--storage.tsdb.path", folder.File("data"),
            "--web.listen-address", address, "--log.level", "error",
        ]))!; // null only where the shell starts it
        return new PrometheusServer(folder, process, new HttpClient { BaseAddress = new Uri($"http://{address}") });
    }

    /// <summary>The value of a PromQL query, once it is one that a condition accepts.</summary>
    public async Task<double> QueryAsync(string query, Func<double, bool> accept)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            try
            {
                var body = await _client.GetStringAsync("/api/v1/query?query=" + Uri.EscapeDataString(query), limit.Token);
                using var answer = JsonDocument.Parse(body);
                var result = answer.RootElement.GetProperty("data").GetProperty("result");
                if (result.GetArrayLength() > 0)
                {
                    var text = result[0].GetProperty("value")[1].GetString()!; // PromQL's values are text
                    var value = double.Parse(text, CultureInfo.InvariantCulture);
                    if (accept(value)) return value;
                }
            }
            catch (HttpRequestException)
            {
                // It is still starting.
            }

            await Task.Delay(100, limit.Token);
        }
    }

    public void Dispose()
    {
        _client.Dispose();
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _folder.Dispose();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
