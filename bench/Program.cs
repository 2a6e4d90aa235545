// Each benchmark measures two things in one run and prints their ratio; `dotnet run -c Release --project bench -- NAME`.
var benchmarks = new SortedDictionary<string, Func<string[], int>>(StringComparer.Ordinal)
{
    ["batchscore"] = Gyre.Bench.Scoring.BatchBenchmark.Run,
    ["comparison"] = Gyre.Bench.Comparison.ComparisonBenchmark.Run,
    ["metrics"] = Gyre.Bench.MetricsBenchmark.Run,
    ["predictionlog"] = Gyre.Bench.LogBenchmark.Run,
    ["grpc"] = Gyre.Bench.Grpc.GrpcBenchmark.Run,
    ["guard"] = Gyre.Bench.GuardBenchmark.Run,
    ["read"] = Gyre.Bench.ReadBenchmark.Run,
    ["search"] = Gyre.Bench.SearchBenchmark.Run,
    ["text"] = Gyre.Bench.TextBenchmark.Run,
    ["tracking"] = Gyre.Bench.Tracking.TrackingBenchmark.Run,
    ["serving"] = Gyre.Bench.Serving.ServingBenchmark.Run,
};

if (args.Length == 0 || !benchmarks.TryGetValue(args[0], out var benchmark))
{
    Console.Error.WriteLine($"usage: bench NAME [options]; NAME is one of: {string.Join(", ", benchmarks.Keys)}");
    return 2;
}

return benchmark(args[1..]);
