using System.Globalization;
using Gyre.Bench.Tracking;
using Gyre.Primitives;

namespace Gyre.Bench.Serving;

/// <summary>
/// Predictions over the Open Inference Protocol against a server process of its own, one row a request, the prediction log
/// on; the generator shares both cores. <c>serving [throughput|latency|log|shadow|swaps|overload|peer|engine]…
/// [--seconds N] [--connections N]</c>; without a name all but engine.
/// </summary>
internal static class ServingBenchmark
{
    private static readonly string[] Names = ["throughput", "latency", "log", "shadow", "swaps", "overload", "peer"];

    public static int Run(string[] args)
    {
        if (args is ["--serve", var workspace, .. var how]) return BenchmarkHost.Run(workspace, how);
        if (args is ["engine"]) return EngineAlone.Run();
        try
        {
            var names = args.Where((arg, i) => Names.Contains(arg) && (i == 0 || !args[i - 1].StartsWith('-'))).ToList();
            if (names.Count == 0) names = [.. Names];
            var seconds = TimeSpan.FromSeconds(Number(args, "--seconds", 8));
            using var bench = new ServingLoad(seconds, Number(args, "--connections", 32));
            if (names.Contains("throughput")) RateBenchmarks.Throughput(bench);
            if (names.Contains("latency")) LatencyBenchmarks.Latency(bench);
            if (names.Contains("log")) RateBenchmarks.Log(bench);
            if (names.Contains("shadow")) LatencyBenchmarks.Shadow(bench);
            if (names.Contains("swaps")) SwapBenchmark.Run(bench);
            if (names.Contains("overload")) OverloadBenchmark.Run(Number(args, "--overload", 60));
            if (names.Contains("peer")) RateBenchmarks.Peer(bench);
            return 0;
        }
        catch (GyreException failure)
        {
            Console.Error.WriteLine(failure.Message);
            return 2;
        }
    }

    private static int Number(string[] args, string name, int fallback) =>
        Array.IndexOf(args, name) is var at and >= 0 && at + 1 < args.Length
            ? int.Parse(args[at + 1], CultureInfo.InvariantCulture) : fallback;
}

/// <summary>The model, its requests and how long each load lasts.</summary>
internal sealed class ServingLoad : IDisposable
{
    private readonly BenchmarkFolder _folder = new();

    public ServingLoad(TimeSpan duration, int connections)
    {
        (Duration, Connections) = (duration, connections);
        Model = BenchmarkModel.Train(100);
        Body = Model.InferenceBody(Model.WholeRow);
    }

    public TimeSpan Duration { get; }

    public int Connections { get; }

    public BenchmarkModel Model { get; }

    /// <summary>A request of one row, 14 tensors.</summary>
    public string Body { get; }

    /// <summary>A server on a workspace of its own with the model as its champion.</summary>
    public ServerProcess Start(params string[] how)
    {
        var workspace = Directory.CreateDirectory(Path.Combine(_folder.Path, Path.GetRandomFileName())).FullName;
        Model.RegisterAsync(workspace).GetAwaiter().GetResult();
        return ServerProcess.Start(workspace, how);
    }

    /// <summary>A server with two versions: first one of half the trees, then the model, the champion.</summary>
    public ServerProcess StartWithTwo()
    {
        var workspace = Directory.CreateDirectory(Path.Combine(_folder.Path, Path.GetRandomFileName())).FullName;
        BenchmarkModel.Train(50).RegisterAsync(workspace).GetAwaiter().GetResult();
        Model.RegisterAsync(workspace).GetAwaiter().GetResult();
        return ServerProcess.Start(workspace);
    }

    /// <summary>Requests/s and latencies under as many requests at once as there are connections.</summary>
    public WrkResult Closed(ServerProcess server, string path, TimeSpan? duration = null) =>
        Wrk.Post(new Uri(server.Address, path), Body, Connections, 1, duration ?? Duration);

    /// <summary>Warms a server up: compiled code, connections, the log's first blocks.</summary>
    public void WarmUp(ServerProcess server, params string[] paths)
    {
        foreach (var path in paths) Closed(server, path, TimeSpan.FromSeconds(5));
    }

    public void Dispose() => _folder.Dispose();
}
