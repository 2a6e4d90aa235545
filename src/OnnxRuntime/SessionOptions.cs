namespace Gyre.OnnxRuntime;

/// <summary>
/// How a session executes. The defaults suit a server with many requests at once: one thread per call.
/// </summary>
public sealed record SessionOptions
{
    /// <summary>Threads within one operator, at least 1; 1 runs on the caller's thread alone.</summary>
    public int IntraOpThreads { get; init; } = 1;

    /// <summary>Whether idle worker threads burn a core while they wait.</summary>
    public bool AllowSpinning { get; init; }

    /// <summary>Whether the graph is rewritten for speed when the session is made.</summary>
    public bool Optimize { get; init; } = true;

    /// <summary>Tells by name which of the graph's outputs to fetch; all when null.</summary>
    public Func<string, bool>? FetchOutput { get; init; }

    /// <summary>Whether outputs that are no tensors, such as sequences and maps, are left out. Default false.</summary>
    public bool FetchTensorsOnly { get; init; }

    internal unsafe EngineHandle Create()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(IntraOpThreads, 1);
        const int NoOptimization = 0;
        const int AllOptimizations = 99;
        nint value;
        Engine.Check(Engine.Call<nint>(EngineFunction.CreateSessionOptions)((nint)(&value)));
        var options = new EngineHandle(value, EngineFunction.ReleaseSessionOptions);
        try
        {
            Engine.Check(Engine.Call<nint, int>(EngineFunction.SetIntraOpNumThreads)(value, IntraOpThreads));
            Engine.Check(Engine.Call<nint, int>(EngineFunction.SetInterOpNumThreads)(value, 1));
            Engine.Check(Engine.Call<nint, int>(EngineFunction.SetSessionGraphOptimizationLevel)(
                value, Optimize ? AllOptimizations : NoOptimization));

            // Batches come in many sizes: remembering a memory plan for each size would only grow.
            Engine.Check(Engine.Call<nint>(EngineFunction.DisableMemPattern)(value));
            Set(value, "session.intra_op.allow_spinning\0"u8, AllowSpinning);
            Set(value, "session.inter_op.allow_spinning\0"u8, AllowSpinning);
            return options;
        }
        catch
        {
            options.Dispose();
            throw;
        }
    }

    private static unsafe void Set(nint options, ReadOnlySpan<byte> key, bool on)
    {
        fixed (byte* name = key)
        fixed (byte* text = on ? "1\0"u8 : "0\0"u8)
            Engine.Check(
                Engine.Call<nint, nint, nint>(EngineFunction.AddSessionConfigEntry)(options, (nint)name, (nint)text));
    }
}
