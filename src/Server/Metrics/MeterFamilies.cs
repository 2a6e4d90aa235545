using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Gyre.Serving.Measurements;

namespace Gyre.Server.Metrics;

/// <summary>
/// Listens to the meters named <c>Gyre.*</c> of one factory, except those that repeat for exporters what is counted
/// elsewhere. Thread-safe.
/// </summary>
internal sealed class MeterFamilies : IMetricFamilies, IDisposable
{
    private readonly ConcurrentDictionary<Instrument, MetricFamily> _families = new();
    private readonly MeterListener _listener = new();
    private readonly Lock _writing = new();

    /// <summary>Begins to listen.</summary>
    /// <param name="scope">The factory whose meters count.</param>
    public MeterFamilies(IMeterFactory scope)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (!ReferenceEquals(instrument.Meter.Scope, scope) || !IsShown(instrument.Meter.Name)) return;
            listener.EnableMeasurementEvents(instrument, _families.GetOrAdd(instrument, i => new MetricFamily(i)));
        };
        _listener.SetMeasurementEventCallback<long>((_, value, labels, family) => Record(value, labels, family));
        _listener.SetMeasurementEventCallback<int>((_, value, labels, family) => Record(value, labels, family));
        _listener.SetMeasurementEventCallback<double>((_, value, labels, family) => Record(value, labels, family));
        _listener.Start();
    }

    public void Write(ExpositionWriter writer)
    {
        lock (_writing)
        {
            foreach (var family in _families.Values.Where(f => f.IsObservable)) family.Clear();
            _listener.RecordObservableInstruments();
            foreach (var family in _families.Values.OrderBy(f => f.Name, StringComparer.Ordinal)) Write(writer, family);
        }
    }

    /// <summary>Drops the series with a label, such as those of a model that is no longer served.</summary>
    public void Forget(string label, string value)
    {
        foreach (var family in _families.Values) family.Forget(label, value);
    }

    public void Dispose() => _listener.Dispose();

    private static bool IsShown(string meter) =>
        meter.StartsWith("Gyre.", StringComparison.Ordinal) && meter != InferenceMeasurements.ExportMeterName;

    private static void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> labels, object? family) =>
        ((MetricFamily)family!).Record(value, labels); // set when the instrument was enabled

    private static void Write(ExpositionWriter writer, MetricFamily family)
    {
        writer.Family(family.Name, family.Kind switch
        {
            MetricKind.Counter => "counter",
            MetricKind.Gauge => "gauge",
            _ => "histogram",
        }, family.Help);
        foreach (var (labels, series) in family.Series)
        {
            if (family.Kind is MetricKind.Histogram)
                writer.Histogram(family.Name, labels, series.Buckets, series.Counts(), series.Value);
            else writer.Sample(family.Name, labels, series.Value);
        }
    }
}
