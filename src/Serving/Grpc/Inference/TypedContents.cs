using System.Buffers;
using Gyre.Serving.Grpc.Wire;
using Gyre.Serving.Requests;
using Gyre.Serving.Slots;

namespace Gyre.Serving.Grpc.Inference;

/// <summary>
/// <c>InferTensorContents</c>, a list per kind of value, to and from the raw form that all else works on. Lists of
/// FP32, FP64 and usually BOOL are the raw form already.
/// </summary>
internal static class TypedContents
{
    private const int Strings = 8;

    /// <summary>The list of a datatype's values: its field number in the message; 0 when it has none.</summary>
    public static int ListOf(TensorDatatype datatype) => datatype.Name switch
    {
        "BOOL" => 1,
        "INT8" or "INT16" or "INT32" => 2,
        "INT64" => 3,
        "UINT8" or "UINT16" or "UINT32" => 4,
        "UINT64" => 5,
        "FP32" => 6,
        "FP64" => 7,
        "BYTES" => Strings,
        _ => 0,
    };

    /// <summary>Finds the values of an input in the raw form.</summary>
    /// <param name="name">The input's name.</param>
    /// <param name="datatype">Its datatype.</param>
    /// <param name="contents">The message.</param>
    /// <param name="scratch">An empty buffer for values whose raw form is another.</param>
    /// <param name="raw">The values.</param>
    /// <returns>
    /// False when a list does not stand in one packed piece; the generated parser puts such a message in order.
    /// </returns>
    /// <exception cref="RequestRejectedException">
    /// The values are in another datatype's list, or beyond the range of theirs.
    /// </exception>
    public static bool TryToRaw(string name, TensorDatatype datatype, ReadOnlySpan<byte> contents, AnswerBuffer scratch,
        out ReadOnlySpan<byte> raw)
    {
        raw = default;
        var list = ListOf(datatype);
        var found = false;
        var fields = new ProtoReader(contents);
        while (fields.Next())
        {
            if (fields.Type is not WireType.Bytes || fields.Field is < 1 or > Strings)
            {
                if (fields.IsLooseElement()) return false;
                fields.Skip();
                continue;
            }

            var values = fields.ReadBytes();
            if (fields.Field == Strings && list == Strings) RawElements.WriteBytes(scratch, values);
            else if (fields.Field == list)
            {
                if (found) return false;
                found = true;
                raw = Unpack(name, datatype, values, scratch);
            }
            else if (fields.Field == Strings || !values.IsEmpty) throw WrongList(name, datatype);
        }

        if (list == Strings) raw = scratch.Written;
        return true;
    }

    /// <summary>Writes the values of an output, given in the raw form, as its list.</summary>
    public static void Write(ProtoWriter answer, TensorDatatype datatype, ReadOnlySpan<byte> raw)
    {
        var list = ListOf(datatype);
        if (list == Strings)
        {
            while (!raw.IsEmpty) answer.Write(list, RawTensor.TakeString(ref raw));
            return;
        }

        var start = answer.Begin(list);
        if (datatype.Kind is not TensorKind.Integer) answer.Buffer.Write(raw);
        else
        {
            for (; !raw.IsEmpty; raw = raw[datatype.Size..]) answer.WriteVarint(RawInteger.Read(datatype, raw));
        }

        answer.End(start);
    }

    private static ReadOnlySpan<byte> Unpack(
        string name, TensorDatatype datatype, ReadOnlySpan<byte> packed, AnswerBuffer scratch)
    {
        if (datatype.Kind is TensorKind.Float) return packed;
        if (datatype.Kind is TensorKind.Bool && !packed.ContainsAnyExceptInRange((byte)0, (byte)1)) return packed;
        var values = new ProtoReader(packed);
        for (var index = 0; !values.IsAtEnd; index++)
        {
            var value = values.ReadVarint();
            if (!RawInteger.TryWrite(datatype, value, scratch))
            {
                throw RequestRejectedException.At(RejectionReason.WrongType, name, index,
                    $"the value is beyond the range of {datatype.Name}");
            }
        }

        return scratch.Written;
    }

    private static RequestRejectedException WrongList(string name, TensorDatatype datatype) =>
        RequestRejectedException.In(RejectionReason.WrongType, name, ListOf(datatype) == 0
            ? $"{datatype.Name} has no typed contents; send it in raw_input_contents"
            : $"the contents are not in the list that {datatype.Name} has");

    // A single value of a list of numbers, outside a packed piece, as old clients write it.
    private static bool IsLooseElement(this ProtoReader fields) => fields.Type == fields.Field switch
    {
        >= 1 and <= 5 => WireType.Varint,
        6 => WireType.Fixed32,
        7 => WireType.Fixed64,
        _ => WireType.EndGroup,
    };
}
