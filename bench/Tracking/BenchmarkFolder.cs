namespace Gyre.Bench.Tracking;

/// <summary>A folder of its own, removed at the end.</summary>
internal sealed class BenchmarkFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("gyre-bench-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
