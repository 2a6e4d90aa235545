using System.Collections.Immutable;
using Gyre.Tabular;

namespace Gyre.Serving.Requests;

/// <summary>An inference request of the Open Inference Protocol.</summary>
/// <param name="Id">The client's id, echoed in the answer, or null.</param>
/// <param name="Rows">The inputs, in the model's column order; at least one row.</param>
/// <param name="Outputs">The outputs asked for, in that order; empty for all.</param>
internal sealed record InferenceRequest(string? Id, Table Rows, ImmutableArray<string> Outputs);
