using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Text;

namespace Gyre.OnnxRuntime;

/// <summary>
/// Names as the engine takes them: an array of pointers to text that ends with a zero byte, all in pinned managed
/// memory,
/// so that a call under way keeps them whatever happens to the session.
/// </summary>
internal sealed unsafe class PinnedNames
{
    private readonly byte[] _text;
    private readonly nint[] _pointers;

    public PinnedNames(ImmutableArray<TensorDescription> tensors)
    {
        _text = GC.AllocateArray<byte>(tensors.Sum(t => Encoding.UTF8.GetByteCount(t.Name) + 1) + 1, pinned: true);
        _pointers = GC.AllocateArray<nint>(tensors.Length + 1, pinned: true);
        Length = tensors.Length;
        var position = 0;
        for (var i = 0; i < tensors.Length; i++)
        {
            _pointers[i] = (nint)Unsafe.AsPointer(ref _text[position]);
            position += Encoding.UTF8.GetBytes(tensors[i].Name, _text.AsSpan(position)) + 1;
        }
    }

    public int Length { get; }

    public nint* Pointer => (nint*)Unsafe.AsPointer(ref _pointers[0]);
}
