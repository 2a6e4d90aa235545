using System.Buffers;
using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text;

namespace Gyre.OnnxRuntime;

/// <summary>
/// A value of the engine: numbers in memory of the caller (pinned for the tensor's life, never copied) or of the
/// engine,
/// or strings, which only the engine can hold. Row-major. Reading is thread-safe; disposing while in use is not.
/// </summary>
public sealed unsafe class Tensor : IDisposable
{
    private static readonly EngineHandle CpuMemory = CreateCpuMemory();

    private readonly EngineHandle _handle;
    private MemoryHandle _pin;

    private Tensor(nint value, TensorElementType elementType, ImmutableArray<long> shape, MemoryHandle pin = default)
    {
        _handle = new EngineHandle(value, EngineFunction.ReleaseValue);
        _pin = pin;
        (ElementType, Shape) = (elementType, shape);
        Length = checked((int)shape.Aggregate(1L, (product, dimension) => product * dimension));
    }

    /// <summary>The type of the elements.</summary>
    public TensorElementType ElementType { get; }

    /// <summary>The dimensions.</summary>
    public ImmutableArray<long> Shape { get; }

    /// <summary>The number of elements.</summary>
    public int Length { get; }

    internal nint Value => _handle.Value;

    /// <summary>
    /// A tensor over memory of the caller, which the engine reads and, for an output, writes in place.
    /// </summary>
    /// <typeparam name="T">A number of 1 to 8 bytes as <see cref="TensorElementType"/> names them, or bool.</typeparam>
    /// <param name="memory">The elements, row-major; pinned until the tensor is disposed.</param>
    /// <param name="shape">The dimensions; their product is the memory's length.</param>
    /// <exception cref="ArgumentException">The shape does not fit, or the element type is another.</exception>
    public static Tensor Over<T>(Memory<T> memory, params ReadOnlySpan<long> shape) where T : unmanaged
    {
        var type = TensorElementTypes.Of<T>();
        CheckShape(shape, memory.Length);
        return Over(memory.Pin(), (nuint)memory.Length * (nuint)sizeof(T), type, shape);
    }

    /// <summary>
    /// A tensor over the bytes of its elements, for types that are only known at run time: in the machine's order,
    /// without gaps.
    /// </summary>
    /// <param name="bytes">The elements, row-major; pinned until the tensor is disposed.</param>
    /// <param name="type">Their type; not strings.</param>
    /// <param name="shape">The dimensions; their product is the number of elements.</param>
    /// <exception cref="ArgumentException">The shape does not fit, or the type is not one of fixed size.</exception>
    public static Tensor OverBytes(Memory<byte> bytes, TensorElementType type, params ReadOnlySpan<long> shape)
    {
        var size = TensorElementTypes.SizeOf(type);
        if (size == 0) throw new ArgumentException($"{type} has no elements of a fixed size.", nameof(type));
        if (bytes.Length % size != 0)
            throw new ArgumentException($"{bytes.Length} bytes are no elements of {size} bytes each.", nameof(bytes));
        CheckShape(shape, bytes.Length / size);
        return Over(bytes.Pin(), (nuint)bytes.Length, type, shape);
    }

    /// <summary>A tensor of empty strings, filled by <see cref="SetStrings"/> or <see cref="SetString"/>.</summary>
    public static Tensor Strings(params ReadOnlySpan<long> shape)
    {
        nint allocator, value;
        Engine.Check(Engine.Call<nint>(EngineFunction.GetAllocatorWithDefaultOptions)((nint)(&allocator)));
        fixed (long* dimensions = shape)
        {
            var create = (delegate* unmanaged<nint, long*, nuint, int, nint*, nint>)
                Engine.Address(EngineFunction.CreateTensorAsOrtValue);
            Engine.Check(create(allocator, dimensions, (nuint)shape.Length, (int)TensorElementType.String, &value));
        }

        return new Tensor(value, TensorElementType.String, [.. shape]);
    }

    /// <summary>A tensor of strings; a null becomes the empty string.</summary>
    public static Tensor OfStrings(ReadOnlySpan<string?> values, params ReadOnlySpan<long> shape)
    {
        CheckShape(shape, values.Length);
        var tensor = Strings(shape);
        for (var i = 0; i < values.Length; i++) tensor.SetString(i, values[i] ?? "");
        return tensor;
    }

    /// <summary>A tensor of strings that repeat: each distinct one is encoded once.</summary>
    /// <param name="codes">One per element: a position in <paramref name="distinct"/>, or negative for the empty
    /// string.</param>
    /// <param name="distinct">The strings.</param>
    /// <param name="shape">The dimensions.</param>
    public static Tensor OfStrings(
        ReadOnlySpan<int> codes, IReadOnlyList<string> distinct, params ReadOnlySpan<long> shape)
    {
        CheckShape(shape, codes.Length);
        var offsets = new int[distinct.Count];
        var length = 1; // the empty string stands first
        foreach (var code in codes)
        {
            if (code < 0 || offsets[code] > 0) continue;
            offsets[code] = length;
            length += Encoding.UTF8.GetByteCount(distinct[code]) + 1;
        }

        var text = new byte[length];
        for (var code = 0; code < offsets.Length; code++)
        {
            if (offsets[code] > 0) Encoding.UTF8.GetBytes(distinct[code], text.AsSpan(offsets[code]));
        }

        var tensor = Strings(shape);
        var pointers = new nint[codes.Length];
        fixed (byte* start = text)
        {
            for (var i = 0; i < pointers.Length; i++)
                pointers[i] = (nint)start + (codes[i] < 0 ? 0 : offsets[codes[i]]);
            tensor.SetStrings(pointers);
        }

        return tensor;
    }

    /// <summary>Sets every string, each given as UTF-8 that ends with a zero byte.</summary>
    /// <exception cref="ArgumentException">The count is not the tensor's length.</exception>
    public void SetStrings(ReadOnlySpan<nint> zeroTerminated)
    {
        if (zeroTerminated.Length != Length)
            throw new ArgumentException($"{zeroTerminated.Length} strings do not fill a tensor of {Length}.");
        fixed (nint* strings = zeroTerminated)
        {
            Engine.Check(Engine.Call<nint, nint, nuint>(EngineFunction.FillStringTensor)(
                Value, (nint)strings, (nuint)zeroTerminated.Length));
        }

        GC.KeepAlive(this);
    }

    /// <summary>Sets one string. A zero character ends it.</summary>
    public void SetString(int index, ReadOnlySpan<char> value)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Length, nameof(index));
        var capacity = Encoding.UTF8.GetMaxByteCount(value.Length) + 1;
        var rented = capacity > 512 ? ArrayPool<byte>.Shared.Rent(capacity) : null;
        var bytes = rented ?? stackalloc byte[512];
        bytes[Encoding.UTF8.GetBytes(value, bytes)] = 0;
        fixed (byte* text = bytes)
        {
            Engine.Check(Engine.Call<nint, nint, nuint>(EngineFunction.FillStringTensorElement)(
                Value, (nint)text, (nuint)index));
        }

        if (rented is not null) ArrayPool<byte>.Shared.Return(rented);
        GC.KeepAlive(this);
    }

    /// <summary>The elements, in place; valid until the tensor is disposed.</summary>
    /// <exception cref="ArgumentException"><typeparamref name="T"/> is not the element type.</exception>
    public Span<T> Elements<T>() where T : unmanaged
    {
        if (TensorElementTypes.Of<T>() != ElementType)
            throw new ArgumentException($"The tensor holds {ElementType}, not {typeof(T).Name}.");
        void* elements;
        Engine.Check(Engine.Call<nint, nint>(EngineFunction.GetTensorMutableData)(Value, (nint)(&elements)));
        return new Span<T>(elements, Length);
    }

    /// <summary>The elements' bytes, in place; valid until the tensor is disposed.</summary>
    /// <exception cref="ArgumentException">The tensor holds strings, or a type that this binding does not move.</exception>
    public Span<byte> Bytes()
    {
        var size = TensorElementTypes.SizeOf(ElementType);
        if (size == 0) throw new ArgumentException($"The elements of {ElementType} have no fixed size.");
        void* elements;
        Engine.Check(Engine.Call<nint, nint>(EngineFunction.GetTensorMutableData)(Value, (nint)(&elements)));
        return new Span<byte>(elements, checked(Length * size));
    }

    /// <summary>The strings, copied.</summary>
    /// <exception cref="ArgumentException">The tensor holds something else.</exception>
    public string[] GetStrings()
    {
        if (ElementType != TensorElementType.String)
            throw new ArgumentException($"The tensor holds {ElementType}, not String.");
        nuint total;
        Engine.Check(Engine.Call<nint, nint>(EngineFunction.GetStringTensorDataLength)(Value, (nint)(&total)));
        var bytes = new byte[total + 1];
        var offsets = new nuint[Length + 1];
        offsets[Length] = total;
        fixed (byte* text = bytes)
        fixed (nuint* starts = offsets)
        {
            var read = (delegate* unmanaged<nint, byte*, nuint, nuint*, nuint, nint>)
                Engine.Address(EngineFunction.GetStringTensorContent);
            Engine.Check(read(Value, text, total, starts, (nuint)Length));
        }

        var strings = new string[Length];
        for (var i = 0; i < strings.Length; i++)
            strings[i] = Encoding.UTF8.GetString(bytes, (int)offsets[i], (int)(offsets[i + 1] - offsets[i]));
        return strings;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _handle.Dispose();
        _pin.Dispose();
        _pin = default;
    }

    /// <summary>Takes over a value that the engine made.</summary>
    internal static Tensor Adopt(nint value)
    {
        nint info;
        Engine.Check(Engine.Call<nint, nint>(EngineFunction.GetTensorTypeAndShape)(value, (nint)(&info)));
        using var handle = new EngineHandle(info, EngineFunction.ReleaseTensorTypeAndShapeInfo);
        var (type, shape) = TensorTypes.Read(info);
        return new Tensor(value, type, shape);
    }

    private static Tensor Over(MemoryHandle pin, nuint length, TensorElementType type, ReadOnlySpan<long> shape)
    {
        try
        {
            nint value;
            fixed (long* dimensions = shape)
            {
                var create = (delegate* unmanaged<nint, void*, nuint, long*, nuint, int, nint*, nint>)
                    Engine.Address(EngineFunction.CreateTensorWithDataAsOrtValue);
                Engine.Check(create(CpuMemory.Value, pin.Pointer, length,
                    dimensions, (nuint)shape.Length, (int)type, &value));
            }

            return new Tensor(value, type, [.. shape], pin);
        }
        catch
        {
            pin.Dispose();
            throw;
        }
    }

    private static void CheckShape(ReadOnlySpan<long> shape, int length)
    {
        var product = 1L;
        foreach (var dimension in shape) product *= dimension;
        if (product != length) throw new ArgumentException($"A shape of {product} elements does not fit {length}.");
    }

    private static EngineHandle CreateCpuMemory()
    {
        const int DeviceAllocator = 0;
        const int DefaultMemory = 0;
        nint value;
        Engine.Check(Engine.Call<int, int, nint>(EngineFunction.CreateCpuMemoryInfo)(
            DeviceAllocator, DefaultMemory, (nint)(&value)));
        return new EngineHandle(value, EngineFunction.ReleaseMemoryInfo);
    }
}
