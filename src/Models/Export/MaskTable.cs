using System.Buffers.Binary;
using System.Collections.Immutable;
using Google.Protobuf;
using Gyre.Training;
using Onnx;
using Kind = Onnx.TensorProto.Types.DataType;

namespace Gyre.Models.Export;

/// <summary>
/// Masks of leaves by the bins of one or more features together: a row's place is the sum of the features' scaled bins. Each
/// table costs a row a look-up and a conjunction per tree, so features of few bins share one.
/// </summary>
/// <param name="Features">The features.</param>
/// <param name="Rows">The number of combinations of their bins.</param>
internal sealed record MaskTable(ImmutableArray<ScaledBins> Features, int Rows)
{
    /// <summary>The tables of some features: the smallest joins the largest that it fits with, again and again.</summary>
    /// <param name="bins">Per feature its bins; null for one that needs none.</param>
    /// <param name="mostRows">The most rows of a joint table.</param>
    public static ImmutableArray<MaskTable> Of(ImmutableArray<SplitBins?> bins, int mostRows)
    {
        var tables = bins.Select((own, f) => own is null ? null : new MaskTable([new ScaledBins(f, own, 1)], own.Count))
            .OfType<MaskTable>().OrderBy(table => table.Rows).ToList();
        while (tables.Count > 1)
        {
            var partner = tables.FindLastIndex(table => tables[0].Rows * table.Rows <= mostRows);
            if (partner <= 0) break;
            var joint = tables[0].With(tables[partner]);
            tables.RemoveAt(partner);
            tables.RemoveAt(0);
            var at = tables.FindIndex(table => table.Rows > joint.Rows);
            tables.Insert(at < 0 ? tables.Count : at, joint);
        }

        return [.. tables];
    }

    /// <summary>The masks, [rows, trees] int64.</summary>
    /// <param name="orders">One per tree; null stands for one of a single leaf.</param>
    public TensorProto Masks(LeafOrder?[] orders)
    {
        var bytes = new byte[Rows * orders.Length * sizeof(ulong)];
        var (masks, own) = (new ulong[Rows], new ulong[Rows]);
        for (var t = 0; t < orders.Length; t++)
        {
            Array.Fill(masks, ulong.MaxValue);
            foreach (var (feature, bins, scale) in Features)
            {
                if (orders[t] is not { } order) continue;
                order.Mask(feature, bins, own);
                for (var row = 0; row < Rows; row++) masks[row] &= own[row / scale % bins.Count];
            }

            for (var row = 0; row < Rows; row++)
            {
                BinaryPrimitives.WriteUInt64LittleEndian(
                    bytes.AsSpan(((row * orders.Length) + t) * sizeof(ulong)), masks[row]);
            }
        }

        return new TensorProto
        {
            DataType = (int)Kind.Int64,
            Dims = { Rows, orders.Length },
            RawData = ByteString.CopyFrom(bytes),
        };
    }

    private MaskTable With(MaskTable other) => new(
        [.. Features, .. other.Features.Select(f => f with { Scale = f.Scale * Rows })], Rows * other.Rows);
}
