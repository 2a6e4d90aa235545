using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Gyre.Serving.Measurements;

namespace Gyre.Server.Metrics;

/// <summary>
/// Writes metric families as Prometheus' text format 0.0.4 or as OpenMetrics 1.0.0, which differ in how they name
/// counters, in the form of bounds and in the end mark. Not thread-safe.
/// </summary>
internal sealed class ExpositionWriter(bool openMetrics)
{
    public const string TextType = "text/plain; version=0.0.4; charset=utf-8";
    public const string OpenMetricsType = "application/openmetrics-text; version=1.0.0; charset=utf-8";

    private const string Total = "_total";
    private readonly StringBuilder _text = new(16_384);

    /// <summary>The content type of what is written.</summary>
    public string ContentType => openMetrics ? OpenMetricsType : TextType;

    /// <summary>Begins a family; its samples follow.</summary>
    /// <param name="name">As samples carry it, a counter's suffix included.</param>
    /// <param name="type"><c>counter</c>, <c>gauge</c>, <c>histogram</c> or <c>summary</c>.</param>
    /// <param name="help">What it is, in one sentence.</param>
    public void Family(string name, string type, string help)
    {
        if (openMetrics && type == "counter")
        {
            // A counter's name must end in _total there; what other servers call otherwise has no type.
            if (name.EndsWith(Total, StringComparison.Ordinal)) name = name[..^Total.Length];
            else type = "unknown";
        }

        var escaped = help.Replace("\\", "\\\\").Replace("\n", "\\n");
        if (openMetrics) escaped = escaped.Replace("\"", "\\\"");
        _text.Append("# HELP ").Append(name).Append(' ').Append(escaped).Append('\n');
        _text.Append("# TYPE ").Append(name).Append(' ').Append(type).Append('\n');
    }

    /// <summary>Writes one sample.</summary>
    /// <param name="name">The family's name, or that with a suffix of its type.</param>
    /// <param name="labels">As <see cref="Labels"/> makes them.</param>
    /// <param name="value">The value.</param>
    public void Sample(string name, string labels, double value)
    {
        _text.Append(name);
        if (labels.Length > 0) _text.Append('{').Append(labels).Append('}');
        _text.Append(' ').Append(Number(value)).Append('\n');
    }

    /// <summary>Writes the samples of one histogram.</summary>
    public void Histogram(
        string name, string labels, ReadOnlySpan<double> bounds, ReadOnlySpan<long> counts, double sum)
    {
        var separator = labels.Length > 0 ? "," : "";
        var total = 0L;
        for (var i = 0; i <= bounds.Length; i++)
        {
            total += counts[i];
            var bound = i < bounds.Length ? Bound(bounds[i]) : "+Inf";
            Sample(name + "_bucket", $"{labels}{separator}le=\"{bound}\"", total);
        }

        Sample(name + "_sum", labels, sum);
        Sample(name + "_count", labels, total);
    }

    /// <inheritdoc cref="Histogram(string, string, ReadOnlySpan{double}, ReadOnlySpan{long}, double)"/>
    public void Histogram(string name, string labels, HistogramSnapshot values) =>
        Histogram(name, labels, values.Bounds.AsSpan(), values.Counts.AsSpan(), values.Sum);

    /// <summary>Ends the exposition and hands it over.</summary>
    public void End(IBufferWriter<byte> output)
    {
        if (openMetrics) _text.Append("# EOF\n");
        foreach (var chunk in _text.GetChunks()) Encoding.UTF8.GetBytes(chunk.Span, output);
    }

    /// <summary>Labels without braces: <c>model="bike",outcome="ok"</c>.</summary>
    public static string Labels(params ReadOnlySpan<(string Name, string Value)> labels)
    {
        var text = new StringBuilder();
        foreach (var (name, value) in labels)
        {
            if (text.Length > 0) text.Append(',');
            text.Append(name).Append("=\"");
            text.Append(value.Replace("\\", "\\\\").Replace("\"", "\\\"").Replace("\n", "\\n")).Append('"');
        }

        return text.ToString();
    }

    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    // OpenMetrics wants bounds as floats, so that "1" and "1.0" are not two series.
    private string Bound(double value)
    {
        var text = Number(value);
        return openMetrics && !text.AsSpan().ContainsAny('.', 'E') ? text + ".0" : text;
    }
}
