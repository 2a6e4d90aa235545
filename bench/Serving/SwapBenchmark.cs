using System.Collections.Concurrent;
using System.Net.Http.Json;
using System.Text.Json;
using Gyre.Bench.Tracking;

namespace Gyre.Bench.Serving;

/// <summary>
/// 1,000 hot swaps between two versions of different trees under load: every answer must be the whole answer of the
/// version that it names.
/// </summary>
internal static class SwapBenchmark
{
    private const int Swaps = 1000;

    /// <summary>The first swaps compile code and fill caches of the server and its database, as any first use does.</summary>
    private const int FirstSwaps = 100;

    private const int Clients = 4;

    public static void Run(ServingLoad bench)
    {
        using var server = bench.StartWithTwo();
        using var client = new HttpClient { BaseAddress = server.Address };
        var expected = new Dictionary<string, string>();
        foreach (var version in new[] { "1", "2" })
        {
            var answer = Ask(client, bench.Body, $"/v2/models/adult/versions/{version}/infer");
            expected[answer.Version] = answer.Output;
        }

        if (expected["1"] == expected["2"]) throw Primitives.GyreException.Invalid("The two versions answer alike.");
        bench.WarmUp(server, RateBenchmarks.Infer);
        var fresh = server.ResidentMiB;
        for (var swap = 0; swap < FirstSwaps; swap++) Swap(client, swap);
        var before = Settled(bench, server);
        var (answers, failures) = (0, new ConcurrentQueue<string>());
        using var stop = new CancellationTokenSource();
        var clients = Enumerable.Range(0, Clients).Select(_ => Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                try
                {
                    var answer = Ask(client, bench.Body, RateBenchmarks.Infer);
                    if (answer.Output != expected[answer.Version]) failures.Enqueue($"{answer.Version}: {answer.Output}");
                    Interlocked.Increment(ref answers);
                }
                catch (HttpRequestException failure)
                {
                    failures.Enqueue(failure.Message);
                }
            }
        })).ToArray();
        var seen = 0;
        for (var swap = 0; swap < Swaps; swap++)
        {
            Swap(client, swap);
            seen++;
        }

        stop.Cancel();
        Task.WaitAll(clients);
        var after = Settled(bench, server);
        Bars.Print($"{seen} swaps under {answers:N0} answers; resident {fresh:N0} MiB fresh, {before:N0} before, {after:N0} after");
        Bars.AtMost("failed or mixed answers", failures.Count, 0, "");
        foreach (var failure in failures.Take(3)) Bars.Print($"  {failure}");
        Bars.AtMost("resident memory after, of before", 100 * after / before, 110, "%");
    }

    private static (string Version, string Output) Ask(HttpClient client, string body, string path)
    {
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        using var answer = client.PostAsync(path, content).GetAwaiter().GetResult().EnsureSuccessStatusCode();
        using var json = JsonDocument.Parse(answer.Content.ReadAsStringAsync().GetAwaiter().GetResult());
        return (json.RootElement.GetProperty("model_version").GetString()!, // always told
            json.RootElement.GetProperty("outputs").GetRawText());
    }

    private static void Swap(HttpClient client, int number)
    {
        var version = number % 2 == 0 ? "1" : "2";
        Move(client, version);
        while (Served(client) != version) Thread.Yield();
    }

    private static double Settled(ServingLoad bench, ServerProcess server)
    {
        bench.WarmUp(server, RateBenchmarks.Infer);
        Thread.Sleep(TimeSpan.FromSeconds(2)); // freed memory goes back within a second or so
        return server.ResidentMiB;
    }

    private static void Move(HttpClient client, string version) =>
        client.PostAsJsonAsync("/api/2.0/mlflow/registered-models/alias",
            new { name = "adult", alias = "champion", version }).GetAwaiter().GetResult().EnsureSuccessStatusCode();

    private static string Served(HttpClient client)
    {
        using var json = JsonDocument.Parse(client.GetStringAsync("/v2/models/adult").GetAwaiter().GetResult());
        return json.RootElement.GetProperty("versions")[0].GetString()!; // the champion stands first
    }
}
