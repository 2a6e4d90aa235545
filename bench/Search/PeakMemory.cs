using System.Diagnostics;
using System.Globalization;

namespace Gyre.Bench;

/// <summary>The most resident memory of this process since a moment, as Linux counts it.</summary>
internal static class PeakMemory
{
    /// <summary>Begins to count anew where the system allows it.</summary>
    /// <returns>The bytes resident now.</returns>
    public static long Reset()
    {
        try
        {
            File.WriteAllText("/proc/self/clear_refs", "5");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Not Linux, or not allowed: then the peak is that of the whole process.
        }

        return Field("VmRSS:");
    }

    /// <summary>The most bytes resident.</summary>
    public static long Read() => Field("VmHWM:");

    private static long Field(string name)
    {
        if (!File.Exists("/proc/self/status")) return Process.GetCurrentProcess().PeakWorkingSet64;
        var line = File.ReadLines("/proc/self/status").First(l => l.StartsWith(name, StringComparison.Ordinal));
        return 1024 * long.Parse(line[name.Length..^3].Trim(), CultureInfo.InvariantCulture);
    }
}
