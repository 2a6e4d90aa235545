using System.Buffers;
using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace Gyre.Server.Metrics;

/// <summary>
/// Listens to the meters named <c>Gyre.*</c> of one factory and writes their values in Prometheus' text format 0.0.4.
/// Thread-safe.
/// </summary>
internal sealed class PrometheusExposition : IMetricsExposition, IDisposable
{
    private readonly ConcurrentDictionary<Instrument, MetricFamily> _families = new();
    private readonly MeterListener _listener = new();
    private readonly Lock _writing = new();

    /// <summary>Begins to listen.</summary>
    /// <param name="scope">The factory whose meters count.</param>
    public PrometheusExposition(IMeterFactory scope)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (!ReferenceEquals(instrument.Meter.Scope, scope)
                || !instrument.Meter.Name.StartsWith("Gyre.", StringComparison.Ordinal)) return;
            listener.EnableMeasurementEvents(instrument, _families.GetOrAdd(instrument, i => new MetricFamily(i)));
        };
        _listener.SetMeasurementEventCallback<long>((_, value, labels, family) => Record(value, labels, family));
        _listener.SetMeasurementEventCallback<int>((_, value, labels, family) => Record(value, labels, family));
        _listener.SetMeasurementEventCallback<double>((_, value, labels, family) => Record(value, labels, family));
        _listener.Start();
    }

    public string ContentType => "text/plain; version=0.0.4; charset=utf-8";

    public void Write(IBufferWriter<byte> output)
    {
        lock (_writing)
        {
            foreach (var family in _families.Values.Where(f => f.IsObservable)) family.Clear();
            _listener.RecordObservableInstruments();
            var text = new StringBuilder(8192);
            foreach (var family in _families.Values.OrderBy(f => f.Name, StringComparer.Ordinal)) Write(text, family);
            foreach (var chunk in text.GetChunks()) Encoding.UTF8.GetBytes(chunk.Span, output);
        }
    }

    public void Dispose() => _listener.Dispose();

    private static void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> labels, object? family) =>
        ((MetricFamily)family!).Record(value, labels); // set when the instrument was enabled

    private static void Write(StringBuilder text, MetricFamily family)
    {
        var kind = family.Kind switch
        {
            MetricKind.Counter => "counter",
            MetricKind.Gauge => "gauge",
            _ => "histogram",
        };
        var help = family.Help.Replace("\\", "\\\\").Replace("\n", "\\n");
        text.Append(CultureInfo.InvariantCulture, $"# HELP {family.Name} {help}\n# TYPE {family.Name} {kind}\n");
        foreach (var (labels, series) in family.Series)
        {
            if (family.Kind is MetricKind.Histogram) WriteHistogram(text, family.Name, labels, series);
            else WriteSample(text, family.Name, labels, series.Value);
        }
    }

    private static void WriteHistogram(StringBuilder text, string name, string labels, MetricSeries series)
    {
        var separator = labels.Length > 0 ? "," : "";
        var total = 0L;
        for (var i = 0; i <= series.Buckets.Length; i++)
        {
            total += series.CountAt(i);
            var bound = i < series.Buckets.Length ? Number(series.Buckets[i]) : "+Inf";
            WriteSample(text, name + "_bucket", $"{labels}{separator}le=\"{bound}\"", total);
        }

        WriteSample(text, name + "_sum", labels, series.Value);
        WriteSample(text, name + "_count", labels, total);
    }

    private static void WriteSample(StringBuilder text, string name, string labels, double value)
    {
        text.Append(name);
        if (labels.Length > 0) text.Append('{').Append(labels).Append('}');
        text.Append(' ').Append(Number(value)).Append('\n');
    }

    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
