using System.Diagnostics;
using System.Diagnostics.Metrics;
using Gyre.Server.Http;

namespace Gyre.Server.Metrics;

/// <summary>What every Prometheus client library says of its process, under the same names.</summary>
internal sealed class ProcessMetrics
{
    public ProcessMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("Gyre.Process");
        meter.CreateObservableCounter("process.cpu", () => Environment.CpuUsage.TotalTime.TotalSeconds, "s",
            "Processor time that the process has used, in user and kernel mode.");
        meter.CreateObservableGauge("process.resident.memory", () => Environment.WorkingSet, "By",
            "Physical memory that the process occupies.");
        meter.CreateObservableGauge("process.start.time", StartTime, "s", "When the process started, since 1970 UTC.");
        meter.CreateObservableGauge("process.managed.heap", () => GC.GetTotalMemory(false), "By",
            "Memory of managed objects, garbage included.");
        meter.CreateObservableGauge("gyre.build.info",
            () => new Measurement<int>(1, new KeyValuePair<string, object?>("version", GyreVersion.Text)), null,
            "Always 1; the label says which version runs.");
    }

    private static double StartTime()
    {
        using var process = Process.GetCurrentProcess();
        return (process.StartTime.ToUniversalTime() - DateTime.UnixEpoch).TotalSeconds;
    }
}
