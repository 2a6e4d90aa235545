namespace Gyre.Server.Metrics;

/// <summary>Families of metrics that are read when a scrape asks.</summary>
internal interface IMetricFamilies
{
    /// <summary>Writes the present values. Thread-safe.</summary>
    void Write(ExpositionWriter writer);
}
