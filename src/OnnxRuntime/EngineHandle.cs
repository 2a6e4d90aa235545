using System.Runtime.InteropServices;

namespace Gyre.OnnxRuntime;

/// <summary>An object of the engine, released by the function of its kind.</summary>
internal sealed unsafe class EngineHandle : SafeHandle
{
    private readonly EngineFunction _release;

    public EngineHandle(nint value, EngineFunction release)
        : base(0, ownsHandle: true)
    {
        _release = release;
        SetHandle(value);
    }

    public override bool IsInvalid => handle == 0;

    /// <summary>The address. Its user keeps this handle alive and undisposed through the call.</summary>
    public nint Value => !IsClosed ? handle : throw new ObjectDisposedException(nameof(EngineHandle));

    protected override bool ReleaseHandle()
    {
        ((delegate* unmanaged<nint, void>)Engine.Address(_release))(handle);
        if (_release == EngineFunction.ReleaseSession) FreedMemory.GiveBackSoon();
        return true;
    }
}
