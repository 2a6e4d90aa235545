using System.Diagnostics;
using System.Globalization;

namespace Gyre.Cli.Demo;

/// <summary>The most memory this process has held.</summary>
internal static class PeakMemory
{
    /// <summary>Peak resident memory in megabytes (10⁶ bytes).</summary>
    public static double Megabytes()
    {
        // .NET's PeakWorkingSet64 is the present size on some Linux kernels; the kernel's own high-water mark is exact.
        const string status = "/proc/self/status";
        if (File.Exists(status) &&
            File.ReadLines(status).FirstOrDefault(l => l.StartsWith("VmHWM:", StringComparison.Ordinal)) is { } line)
            return double.Parse(line.Split(' ', '\t').First(p => p.Length > 0 && char.IsAsciiDigit(p[0])), CultureInfo.InvariantCulture) * 1024 / 1e6;
        using var process = Process.GetCurrentProcess();
        return process.PeakWorkingSet64 / 1e6;
    }
}
