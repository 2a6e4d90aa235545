using System.Net.Http.Json;
using System.Text.Json;

namespace Gyre.Bench.Tracking;

/// <summary>The few requests that prepare a measurement.</summary>
internal sealed class TrackingClient(Uri address) : IDisposable
{
    // Counting millions of points takes minutes.
    private readonly HttpClient _http = new() { BaseAddress = address, Timeout = Timeout.InfiniteTimeSpan };

    public string CreateRun()
    {
        using var answer = _http.PostAsJsonAsync("/api/2.0/mlflow/runs/create", new { run_name = "bench", start_time = 1 })
            .GetAwaiter().GetResult().EnsureSuccessStatusCode();
        return answer.Content.ReadFromJsonAsync<JsonElement>().GetAwaiter().GetResult()
            .GetProperty("run").GetProperty("info").GetProperty("run_id").GetString()!; // every run has one
    }

    public string Get(string path) => _http.GetStringAsync(path).GetAwaiter().GetResult();

    /// <summary>The answer's length in bytes, read to its end.</summary>
    public long Read(string path)
    {
        using var stream = _http.GetStreamAsync(path).GetAwaiter().GetResult();
        var buffer = new byte[64 << 10];
        var total = 0L;
        while (stream.Read(buffer) is var read and > 0) total += read;
        return total;
    }

    /// <summary>The length of the answer to a POST in bytes, read to its end.</summary>
    public long Read(string path, object body)
    {
        using var answer = _http.PostAsJsonAsync(path, body).GetAwaiter().GetResult().EnsureSuccessStatusCode();
        return answer.Content.ReadAsByteArrayAsync().GetAwaiter().GetResult().Length;
    }

    /// <summary>How many points a history holds, counted while it is read.</summary>
    public long CountPoints(string path)
    {
        using var stream = _http.GetStreamAsync(path).GetAwaiter().GetResult();
        var count = 0L;
        var last = (byte)0;
        var buffer = new byte[64 << 10];
        while (stream.Read(buffer) is var read and > 0)
        {
            // Each point opens an object inside the list: the only braces but the outermost.
            for (var i = 0; i < read; i++)
            {
                if (buffer[i] == '{' && (last == '[' || last == ',')) count++;
                last = buffer[i];
            }
        }

        return count;
    }

    public JsonElement Post(string path, object body)
    {
        using var answer = _http.PostAsJsonAsync(path, body).GetAwaiter().GetResult().EnsureSuccessStatusCode();
        return answer.Content.ReadFromJsonAsync<JsonElement>().GetAwaiter().GetResult();
    }

    public void Dispose() => _http.Dispose();
}
