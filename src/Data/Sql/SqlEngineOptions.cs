namespace Gyre.Data;

/// <summary>How a <see cref="SqlEngine"/> works.</summary>
public sealed record SqlEngineOptions
{
    /// <summary>Threads that a query may use; default: all cores.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>
    /// Megabytes that the engine may hold before it spills to <see cref="SpillFolder"/> or fails; default: half of what
    /// the process may use, at most 4096.
    /// </summary>
    public long MemoryLimitMb { get; init; } =
        Math.Clamp(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 2 / (1024 * 1024), 128, 4096);

    /// <summary>Where the engine spills; created only when needed. Default: the system's temporary folder.</summary>
    public string SpillFolder { get; init; } =
        Path.Combine(Path.GetTempPath(), $"gyre-spill-{Environment.ProcessId}");

    internal Dictionary<string, string> ToSettings() => new()
    {
        ["threads"] = Threads.ToString(System.Globalization.CultureInfo.InvariantCulture),
        ["memory_limit"] = $"{MemoryLimitMb}MB",
        ["temp_directory"] = SpillFolder,
        ["preserve_insertion_order"] = "true",
        ["autoinstall_known_extensions"] = "false",
        ["autoload_known_extensions"] = "false",
    };
}
