using System.Buffers;

namespace Gyre.Server.Metrics;

/// <summary>
/// How measurements leave the process: the seam to a metrics library. What measures knows only
/// <see cref="System.Diagnostics.Metrics"/>.
/// </summary>
internal interface IMetricsExposition
{
    /// <summary>The content type of what is written.</summary>
    string ContentType { get; }

    /// <summary>Writes the present values. Thread-safe.</summary>
    void Write(IBufferWriter<byte> output);
}
