using System.Globalization;

namespace Gyre.Bench.Comparison;

/// <summary>This process's resident memory, as Linux counts it, in MiB.</summary>
internal static class ProcessMemory
{
    public static double Resident => Read("VmRSS");

    public static double Peak => Read("VmHWM");

    /// <summary>Lets the peak begin anew at what is resident now.</summary>
    public static void ResetPeak() => File.WriteAllText("/proc/self/clear_refs", "5");

    private static double Read(string key)
    {
        var line = File.ReadLines("/proc/self/status").First(l => l.StartsWith(key + ":", StringComparison.Ordinal));
        return double.Parse(line.Split(' ', '\t').First(part => part.Length > 0 && char.IsDigit(part[0])),
            CultureInfo.InvariantCulture) / 1024;
    }
}
