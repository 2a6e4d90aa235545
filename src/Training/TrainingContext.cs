namespace Gyre.Training;

/// <summary>What surrounds one training.</summary>
/// <param name="Seed">Seeds everything random in it.</param>
/// <param name="Threads">The most threads to use, at least 1. A different number may change the last digits of a
/// model.</param>
/// <param name="Progress">Told of each step, often: a listener must be quick. May be null.</param>
/// <param name="CancellationToken">Stops the training.</param>
public sealed record TrainingContext(
    ulong Seed = 1,
    int Threads = 1,
    IProgress<TrainingProgress>? Progress = null,
    CancellationToken CancellationToken = default)
{
    /// <summary>The most bytes that training may take; null for what the machine has left.</summary>
    public long? MemoryLimit { get; init; }

    /// <summary>The most threads to use, at least 1.</summary>
    public int Threads { get; init; } =
        Threads >= 1
            ? Threads
            : throw new ArgumentOutOfRangeException(nameof(Threads), Threads, "At least 1 is needed.");
}

/// <summary>How far a training is.</summary>
/// <param name="Trainer">The trainer's name.</param>
/// <param name="Step">Steps done.</param>
/// <param name="TotalSteps">The most steps there can be; early stopping may end before.</param>
/// <param name="Loss">The present loss: on validation rows where there are any, else on training rows; null when
/// unknown.</param>
public sealed record TrainingProgress(string Trainer, int Step, int TotalSteps, double? Loss);
