using Gyre.Models;
using Gyre.Tabular;
using Gyre.Tracking;

namespace Gyre.Loop.Runs;

/// <summary>The best candidate as it would be deployed.</summary>
/// <param name="Version">Its version in the registry; null when parity refused it.</param>
/// <param name="Inputs">The columns that a request must carry.</param>
/// <param name="Parity">The graph against the trainer.</param>
/// <param name="Latency">One row's 99th percentile.</param>
/// <param name="Bytes">The size of the graph.</param>
internal sealed record CandidatePackage(
    ModelVersion? Version, Schema Inputs, ParityReport Parity, TimeSpan Latency, long Bytes);
