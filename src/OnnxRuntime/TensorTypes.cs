using System.Collections.Immutable;

namespace Gyre.OnnxRuntime;

/// <summary>Reads the engine's description of a tensor's type.</summary>
internal static unsafe class TensorTypes
{
    public static (TensorElementType Type, ImmutableArray<long> Shape) Read(nint info)
    {
        int type;
        nuint rank;
        Engine.Check(Engine.Call<nint, nint>(EngineFunction.GetTensorElementType)(info, (nint)(&type)));
        Engine.Check(Engine.Call<nint, nint>(EngineFunction.GetDimensionsCount)(info, (nint)(&rank)));
        var shape = new long[rank];
        fixed (long* dimensions = shape)
            Engine.Check(Engine.Call<nint, nint, nuint>(EngineFunction.GetDimensions)(info, (nint)dimensions, rank));
        return ((TensorElementType)type, [.. shape]);
    }
}
