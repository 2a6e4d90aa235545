namespace Gyre.Serving.Measurements;

/// <summary>Where the time of an answered request went.</summary>
/// <param name="Total">From arrival to the answer's last byte.</param>
/// <param name="Queue">From the request being read to its scoring.</param>
/// <param name="Compute">The scoring, of the whole batch when requests were joined.</param>
/// <param name="Encode">Writing the answer, and handing it to the network.</param>
internal readonly record struct PhaseTimes(TimeSpan Total, TimeSpan Queue, TimeSpan Compute, TimeSpan Encode)
{
    /// <summary>The phases by name, in their order.</summary>
    public IEnumerable<(string Phase, TimeSpan Time)> Phases =>
        [("queue", Queue), ("compute", Compute), ("encode", Encode)];
}
