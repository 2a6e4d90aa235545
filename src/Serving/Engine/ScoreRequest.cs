using System.Diagnostics;
using Gyre.Serving.Slots;

namespace Gyre.Serving.Engine;

/// <summary>What scoring gave, and how long it took.</summary>
/// <param name="Outputs">The request's own rows.</param>
/// <param name="Queue">From being handed over to the start of the run.</param>
/// <param name="Compute">The run, of all requests that were joined in it.</param>
internal readonly record struct Scored(ModelOutputs Outputs, TimeSpan Queue, TimeSpan Compute);

/// <summary>A request that waits to be scored together with others.</summary>
internal sealed class ScoreRequest(ModelInputs inputs, long deadline, CancellationToken cancellationToken)
    : TaskCompletionSource<Scored>(TaskCreationOptions.RunContinuationsAsynchronously)
{
    /// <summary>What is scored.</summary>
    public ModelInputs Inputs => inputs;

    /// <summary>When it was handed over, on the stopwatch.</summary>
    public long Enqueued { get; } = Stopwatch.GetTimestamp();

    /// <summary>Whether nobody waits for the answer any more.</summary>
    public bool IsCancelled => cancellationToken.IsCancellationRequested;

    /// <summary>Whether its time is over, on the stopwatch.</summary>
    public bool IsLate(long now) => now > deadline;

    /// <summary>Ends the wait of a client that has gone.</summary>
    public void Cancel() => TrySetCanceled(cancellationToken);
}
