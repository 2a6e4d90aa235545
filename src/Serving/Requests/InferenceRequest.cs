using System.Collections.Immutable;
using Gyre.Serving.Engine;

namespace Gyre.Serving.Requests;

/// <summary>An inference request of the Open Inference Protocol.</summary>
/// <param name="Id">The client's id, echoed in the answer, or null.</param>
/// <param name="Inputs">The columns or tensors, in the model's order; at least one row.</param>
/// <param name="Outputs">The outputs asked for, in that order; empty for all.</param>
/// <param name="BinaryOutputs">Whether outputs are sent as bytes when nothing else is said of one.</param>
internal sealed record InferenceRequest(
    string? Id, ModelInputs Inputs, ImmutableArray<RequestedOutput> Outputs, bool BinaryOutputs);

/// <summary>An output that a client asks for.</summary>
/// <param name="Name">Its name.</param>
/// <param name="IsBinary">Whether it is sent as bytes; null when the client says nothing.</param>
internal readonly record struct RequestedOutput(string Name, bool? IsBinary);
