using System.Runtime.InteropServices;

namespace Gyre.OnnxRuntime;

/// <summary>
/// The engine's table of functions. Entries are append-only across releases, so an index never changes meaning.
/// </summary>
internal static unsafe partial class Engine
{
    /// <summary>The oldest table that holds every function used here.</summary>
    private const uint ApiVersion = 17;

    private static readonly nint* Table = LoadTable();

    public static readonly string Version = Marshal.PtrToStringUTF8(GetVersionString()) ?? "";

    /// <summary>
    /// One environment per process; it holds the engine's logger, silent below fatal, and no telemetry.
    /// </summary>
    public static readonly EngineHandle Environment = CreateEnvironment();

    public static delegate* unmanaged<T1, nint> Call<T1>(EngineFunction function)
        where T1 : unmanaged =>
        (delegate* unmanaged<T1, nint>)Table[(int)function];

    public static delegate* unmanaged<T1, T2, nint> Call<T1, T2>(EngineFunction function)
        where T1 : unmanaged where T2 : unmanaged =>
        (delegate* unmanaged<T1, T2, nint>)Table[(int)function];

    public static delegate* unmanaged<T1, T2, T3, nint> Call<T1, T2, T3>(EngineFunction function)
        where T1 : unmanaged where T2 : unmanaged where T3 : unmanaged =>
        (delegate* unmanaged<T1, T2, T3, nint>)Table[(int)function];

    public static delegate* unmanaged<T1, T2, T3, T4, nint> Call<T1, T2, T3, T4>(EngineFunction function)
        where T1 : unmanaged where T2 : unmanaged where T3 : unmanaged where T4 : unmanaged =>
        (delegate* unmanaged<T1, T2, T3, T4, nint>)Table[(int)function];

    public static nint Address(EngineFunction function) => Table[(int)function];

    /// <summary>Throws when a call returned a status, with the engine's own message, and releases the status.</summary>
    public static void Check(nint status)
    {
        if (status != 0) Throw(status);
    }

    private static void Throw(nint status)
    {
        var message = Marshal.PtrToStringUTF8(
            ((delegate* unmanaged<nint, nint>)Table[(int)EngineFunction.GetErrorMessage])(status)) ?? "unknown error";
        var code = ((delegate* unmanaged<nint, int>)Table[(int)EngineFunction.GetErrorCode])(status);
        ((delegate* unmanaged<nint, void>)Table[(int)EngineFunction.ReleaseStatus])(status);
        throw new OnnxRuntimeException((OnnxRuntimeError)code, message);
    }

    private static nint* LoadTable()
    {
        var getApi = (delegate* unmanaged<uint, nint*>)GetApiBase()[0];
        var table = getApi(ApiVersion);
        return table is not null
            ? table
            : throw new OnnxRuntimeException(
                OnnxRuntimeError.NotImplemented, $"The library does not offer API version {ApiVersion}.");
    }

    private static nint GetVersionString() => ((delegate* unmanaged<nint>)GetApiBase()[1])();

    private static EngineHandle CreateEnvironment()
    {
        const int FatalOnly = 4;
        nint environment;
        fixed (byte* name = "gyre\0"u8)
            Check(Call<int, nint, nint>(EngineFunction.CreateEnv)(FatalOnly, (nint)name, (nint)(&environment)));
        var handle = new EngineHandle(environment, EngineFunction.ReleaseEnv);
        Check(Call<nint>(EngineFunction.DisableTelemetryEvents)(environment));
        return handle;
    }

    [LibraryImport("onnxruntime", EntryPoint = "OrtGetApiBase")]
    private static partial nint* GetApiBase();
}
