using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace Gyre.OnnxRuntime;

/// <summary>
/// A model ready to run. It may run on many threads at once; when it is disposed meanwhile, running calls finish and
/// the
/// last one releases the engine's memory.
/// </summary>
public sealed unsafe class InferenceSession : IDisposable
{
    private const int MaxOnStack = 64;

    private readonly EngineHandle _session;
    private readonly PinnedNames _inputNames;
    private readonly PinnedNames _outputNames;

    private InferenceSession(nint session, SessionOptions options)
    {
        _session = new EngineHandle(session, EngineFunction.ReleaseSession);
        Inputs = SessionTypes.Inputs(session);
        Outputs = [.. SessionTypes.Outputs(session).Where(o => options.FetchOutput?.Invoke(o.Name) ?? true)
            .Where(o => !options.FetchTensorsOnly || o.ElementType is not TensorElementType.Undefined)];
        _inputNames = new PinnedNames(Inputs);
        _outputNames = new PinnedNames(Outputs);
    }

    /// <summary>The engine's release, such as "1.30.0".</summary>
    public static string EngineVersion => Engine.Version;

    /// <summary>The graph's inputs, in its order.</summary>
    public ImmutableArray<TensorDescription> Inputs { get; }

    /// <summary>The graph's outputs that the options ask for, in its order.</summary>
    public ImmutableArray<TensorDescription> Outputs { get; }

    /// <summary>Loads a model file.</summary>
    /// <exception cref="OnnxRuntimeException">The file is absent or not a model that the engine can run.</exception>
    public static InferenceSession FromFile(string path, SessionOptions? options = null)
    {
        options ??= new SessionOptions();
        using var settings = options.Create();

        // The engine's path type is UTF-16 on Windows, UTF-8 elsewhere.
        var text = OperatingSystem.IsWindows() ? Marshal.StringToHGlobalUni(path) : Marshal.StringToCoTaskMemUTF8(path);
        try
        {
            nint session;
            Engine.Check(Engine.Call<nint, nint, nint, nint>(EngineFunction.CreateSession)(
                Engine.Environment.Value, text, settings.Value, (nint)(&session)));
            return new InferenceSession(session, options);
        }
        finally
        {
            if (OperatingSystem.IsWindows()) Marshal.FreeHGlobal(text);
            else Marshal.FreeCoTaskMem(text);
        }
    }

    /// <summary>Loads a model from its bytes, which are not needed afterwards.</summary>
    /// <exception cref="OnnxRuntimeException">The bytes are not a model that the engine can run.</exception>
    public static InferenceSession FromBytes(ReadOnlySpan<byte> model, SessionOptions? options = null)
    {
        options ??= new SessionOptions();
        using var settings = options.Create();
        nint session;
        fixed (byte* bytes = model)
        {
            var create = (delegate* unmanaged<nint, byte*, nuint, nint, nint*, nint>)
                Engine.Address(EngineFunction.CreateSessionFromArray);
            Engine.Check(create(Engine.Environment.Value, bytes, (nuint)model.Length, settings.Value, &session));
        }

        return new InferenceSession(session, options);
    }

    /// <summary>Runs the graph. Allocates nothing managed when every output is given.</summary>
    /// <param name="inputs">One tensor per <see cref="Inputs"/>, in that order.</param>
    /// <param name="outputs">
    /// One place per <see cref="Outputs"/>: a tensor there is written in place; where null, the engine's own tensor is
    /// put,
    /// which the caller disposes.
    /// </param>
    /// <exception cref="ArgumentException">A count differs.</exception>
    /// <exception cref="OnnxRuntimeException">A type or shape does not fit, or an operator failed.</exception>
    public void Run(ReadOnlySpan<Tensor> inputs, Span<Tensor?> outputs)
    {
        if (inputs.Length != _inputNames.Length || outputs.Length != _outputNames.Length)
        {
            throw new ArgumentException(
                $"The model has {_inputNames.Length} inputs and {_outputNames.Length} outputs, " +
                $"not {inputs.Length} and {outputs.Length}.");
        }

        Span<nint> given = inputs.Length <= MaxOnStack ? stackalloc nint[inputs.Length] : new nint[inputs.Length];
        Span<nint> results = outputs.Length <= MaxOnStack ? stackalloc nint[outputs.Length] : new nint[outputs.Length];
        for (var i = 0; i < given.Length; i++) given[i] = inputs[i].Value;
        for (var i = 0; i < results.Length; i++) results[i] = outputs[i]?.Value ?? 0;
        var held = false;
        try
        {
            _session.DangerousAddRef(ref held);
            RunHeld(given, results);
        }
        finally
        {
            if (held) _session.DangerousRelease();
        }

        for (var i = 0; i < outputs.Length; i++) outputs[i] ??= Tensor.Adopt(results[i]);
        foreach (var input in inputs) GC.KeepAlive(input);
        foreach (var output in outputs) GC.KeepAlive(output);
    }

    /// <summary>The model's own text under a key, or null.</summary>
    public string? Metadata(string key)
    {
        nint metadata, allocator, text = 0;
        Engine.Check(
            Engine.Call<nint, nint>(EngineFunction.SessionGetModelMetadata)(_session.Value, (nint)(&metadata)));
        using var handle = new EngineHandle(metadata, EngineFunction.ReleaseModelMetadata);
        Engine.Check(Engine.Call<nint>(EngineFunction.GetAllocatorWithDefaultOptions)((nint)(&allocator)));
        var name = Marshal.StringToCoTaskMemUTF8(key);
        try
        {
            Engine.Check(Engine.Call<nint, nint, nint, nint>(EngineFunction.ModelMetadataLookupCustomMetadataMap)(
                metadata, allocator, name, (nint)(&text)));
        }
        finally
        {
            Marshal.FreeCoTaskMem(name);
        }

        return text == 0 ? null : SessionTypes.TakeString(allocator, text);
    }

    /// <inheritdoc/>
    public void Dispose() => _session.Dispose();

    private void RunHeld(ReadOnlySpan<nint> given, Span<nint> results)
    {
        fixed (nint* inputs = given)
        fixed (nint* outputs = results)
        {
            var run = (delegate* unmanaged<nint, nint, nint*, nint*, nuint, nint*, nuint, nint*, nint>)
                Engine.Address(EngineFunction.Run);
            Engine.Check(run(_session.DangerousGetHandle(), 0, _inputNames.Pointer, inputs, (nuint)given.Length,
                _outputNames.Pointer, (nuint)results.Length, outputs));
        }

        GC.KeepAlive(this);
    }
}
