using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace Gyre.OnnxRuntime;

/// <summary>Reads what a session takes and gives.</summary>
internal static unsafe class SessionTypes
{
    public static ImmutableArray<TensorDescription> Inputs(nint session) => Read(session,
        EngineFunction.SessionGetInputCount, EngineFunction.SessionGetInputName,
        EngineFunction.SessionGetInputTypeInfo);

    public static ImmutableArray<TensorDescription> Outputs(nint session) => Read(session,
        EngineFunction.SessionGetOutputCount, EngineFunction.SessionGetOutputName,
        EngineFunction.SessionGetOutputTypeInfo);

    /// <summary>The text at an address that the engine allocated, which is freed.</summary>
    public static string TakeString(nint allocator, nint text)
    {
        var value = Marshal.PtrToStringUTF8(text) ?? "";
        Engine.Check(Engine.Call<nint, nint>(EngineFunction.AllocatorFree)(allocator, text));
        return value;
    }

    private static ImmutableArray<TensorDescription> Read(
        nint session, EngineFunction count, EngineFunction name, EngineFunction type)
    {
        nuint length;
        nint allocator;
        Engine.Check(Engine.Call<nint, nint>(count)(session, (nint)(&length)));
        Engine.Check(Engine.Call<nint>(EngineFunction.GetAllocatorWithDefaultOptions)((nint)(&allocator)));
        var descriptions = ImmutableArray.CreateBuilder<TensorDescription>((int)length);
        for (nuint i = 0; i < length; i++)
        {
            nint text, typeInfo;
            Engine.Check(Engine.Call<nint, nuint, nint, nint>(name)(session, i, allocator, (nint)(&text)));
            Engine.Check(Engine.Call<nint, nuint, nint>(type)(session, i, (nint)(&typeInfo)));
            using var handle = new EngineHandle(typeInfo, EngineFunction.ReleaseTypeInfo);
            var (element, shape) = ReadType(typeInfo);
            descriptions.Add(new TensorDescription(TakeString(allocator, text), element, shape));
        }

        return descriptions.MoveToImmutable();
    }

    /// <summary>
    /// The tensor type inside; the engine owns what the cast returns, and returns null for other kinds.
    /// </summary>
    private static (TensorElementType Type, ImmutableArray<long> Shape) ReadType(nint typeInfo)
    {
        nint info;
        Engine.Check(Engine.Call<nint, nint>(EngineFunction.CastTypeInfoToTensorInfo)(typeInfo, (nint)(&info)));
        return info == 0 ? (TensorElementType.Undefined, []) : TensorTypes.Read(info);
    }
}
