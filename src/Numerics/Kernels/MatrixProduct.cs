using System.Buffers;
using System.Numerics;

namespace Gyre.Numerics;

/// <summary>
/// Products of float32 matrices. The right matrix is packed into panels as wide as two hardware vectors; a tile of six
/// rows by one panel stays in registers while it runs along the inner dimension (Goto and van de Geijn, "Anatomy of
/// high-performance matrix multiplication", 2008). Runs on the caller's thread: networks share rows between threads.
/// </summary>
/// <remarks>
/// Every element is one chain of fused multiply-adds in the order of the inner dimension, in every block size and lane,
/// so that <see cref="MultiplyScalar"/> gives the same bits on every machine.
/// </remarks>
public static unsafe class MatrixProduct
{
    /// <summary>The rows of a tile: 6 × 2 sums, two vectors of the panel and one broadcast fit 16 registers.</summary>
    private const int TileRows = 6;

    /// <summary>A packed panel of so many inner steps stays in the first-level cache (16 KiB at 8 lanes).</summary>
    private const int InnerBlock = 256;

    private static int Panel => 2 * Vector<float>.Count;

    /// <summary>c ← a · b, or c ← c + a · b.</summary>
    /// <param name="a">rows × inner.</param>
    /// <param name="b">inner × columns.</param>
    /// <param name="c">Row-major, rows × columns.</param>
    /// <param name="accumulate">Whether the product is added to what stands in <paramref name="c"/>.</param>
    /// <exception cref="ArgumentException">The sizes do not fit.</exception>
    public static void Multiply(StridedMatrix a, StridedMatrix b, Span<float> c, bool accumulate = false)
    {
        Check(a, b, c);
        if (a.Columns == 0 && !accumulate) c[..(a.Rows * b.Columns)].Clear();
        if (a.Rows == 0 || b.Columns == 0 || a.Columns == 0) return;
        var panels = (b.Columns + Panel - 1) / Panel;
        var packed = ArrayPool<float>.Shared.Rent(panels * Panel * Math.Min(InnerBlock, a.Columns));
        fixed (float* left = a.Values, right = b.Values, result = c, buffer = packed)
        {
            for (var start = 0; start < a.Columns; start += InnerBlock)
            {
                var inner = Math.Min(InnerBlock, a.Columns - start);
                Pack(b, right, start, inner, buffer);
                for (var p = 0; p < panels; p++)
                {
                    var columns = Math.Min(Panel, b.Columns - (p * Panel));
                    for (var row = 0; row < a.Rows; row += TileRows)
                    {
                        Tile(left + ((long)start * a.ColumnStride), a.RowStride, a.ColumnStride, row,
                            Math.Min(TileRows, a.Rows - row), buffer + (p * Panel * inner), inner,
                            result + ((long)row * b.Columns) + (p * Panel), b.Columns, columns,
                            accumulate || start > 0);
                    }
                }
            }
        }

        ArrayPool<float>.Shared.Return(packed);
    }

    /// <summary>The plain definition, element by element: the oracle of <see cref="Multiply"/>.</summary>
    internal static void MultiplyScalar(StridedMatrix a, StridedMatrix b, Span<float> c, bool accumulate = false)
    {
        Check(a, b, c);
        for (var i = 0; i < a.Rows; i++)
        for (var j = 0; j < b.Columns; j++)
        {
            var sum = accumulate ? c[(i * b.Columns) + j] : 0f;
            for (var k = 0; k < a.Columns; k++)
            {
                sum = MathF.FusedMultiplyAdd(
                    a.Values[(i * a.RowStride) + (k * a.ColumnStride)],
                    b.Values[(k * b.RowStride) + (j * b.ColumnStride)],
                    sum);
            }

            c[(i * b.Columns) + j] = sum;
        }
    }

    private static void Check(StridedMatrix a, StridedMatrix b, ReadOnlySpan<float> c)
    {
        if (a.Columns != b.Rows || c.Length < (long)a.Rows * b.Columns)
        {
            throw new ArgumentException(
                $"{a.Rows} × {a.Columns} by {b.Rows} × {b.Columns} does not fit into {c.Length} numbers.");
        }
    }

    // Panel after panel; in each, the panel's columns of one inner step stand together, 0 beyond the last column.
    private static void Pack(StridedMatrix b, float* values, int start, int inner, float* target)
    {
        for (var column = 0; column < b.Columns; column += Panel)
        {
            var width = Math.Min(Panel, b.Columns - column);
            var source = values + ((long)start * b.RowStride) + ((long)column * b.ColumnStride);
            if (b.ColumnStride == 1 && width == Panel)
            {
                for (var k = 0; k < inner; k++)
                {
                    var row = source + ((long)k * b.RowStride);
                    Vector.Store(Vector.Load(row), target + (k * Panel));
                    Vector.Store(Vector.Load(row + Vector<float>.Count), target + (k * Panel) + Vector<float>.Count);
                }
            }
            else
            {
                new Span<float>(target, inner * Panel).Clear();
                for (var j = 0; j < width; j++)
                for (var k = 0; k < inner; k++)
                    target[(k * Panel) + j] = source[((long)k * b.RowStride) + ((long)j * b.ColumnStride)];
            }

            target += inner * Panel;
        }
    }

    // Up to six rows by one panel. Rows beyond the last are computed as the last again and thrown away.
    private static void Tile(
        float* a, int rowStride, int stepStride, int row, int rows, float* panel, int inner,
        float* c, int width, int columns, bool accumulate)
    {
        var lanes = Vector<float>.Count;
        float* a0 = a + ((long)row * rowStride), a1 = a0 + (rows > 1 ? rowStride : 0);
        float* a2 = rows > 2 ? a1 + rowStride : a1, a3 = rows > 3 ? a2 + rowStride : a2;
        float* a4 = rows > 4 ? a3 + rowStride : a3, a5 = rows > 5 ? a4 + rowStride : a4;
        Vector<float> s00 = default, s01 = default, s10 = default, s11 = default, s20 = default, s21 = default;
        Vector<float> s30 = default, s31 = default, s40 = default, s41 = default, s50 = default, s51 = default;
        var whole = columns == 2 * lanes;
        var spare = stackalloc float[TileRows * 2 * lanes];
        if (accumulate)
        {
            var from = whole ? c : spare;
            var stride = whole ? width : 2 * lanes;
            if (!whole) CopyRows(c, width, spare, 2 * lanes, rows, columns);
            s00 = Load(from, 0, rows, stride);
            s01 = Load(from + lanes, 0, rows, stride);
            s10 = Load(from, 1, rows, stride);
            s11 = Load(from + lanes, 1, rows, stride);
            s20 = Load(from, 2, rows, stride);
            s21 = Load(from + lanes, 2, rows, stride);
            s30 = Load(from, 3, rows, stride);
            s31 = Load(from + lanes, 3, rows, stride);
            s40 = Load(from, 4, rows, stride);
            s41 = Load(from + lanes, 4, rows, stride);
            s50 = Load(from, 5, rows, stride);
            s51 = Load(from + lanes, 5, rows, stride);
        }

        for (var k = 0; k < inner; k++)
        {
            var b0 = Vector.Load(panel);
            var b1 = Vector.Load(panel + lanes);
            panel += 2 * lanes;
            var x = Vector.Create(*a0);
            s00 = Vector.FusedMultiplyAdd(x, b0, s00);
            s01 = Vector.FusedMultiplyAdd(x, b1, s01);
            x = Vector.Create(*a1);
            s10 = Vector.FusedMultiplyAdd(x, b0, s10);
            s11 = Vector.FusedMultiplyAdd(x, b1, s11);
            x = Vector.Create(*a2);
            s20 = Vector.FusedMultiplyAdd(x, b0, s20);
            s21 = Vector.FusedMultiplyAdd(x, b1, s21);
            x = Vector.Create(*a3);
            s30 = Vector.FusedMultiplyAdd(x, b0, s30);
            s31 = Vector.FusedMultiplyAdd(x, b1, s31);
            x = Vector.Create(*a4);
            s40 = Vector.FusedMultiplyAdd(x, b0, s40);
            s41 = Vector.FusedMultiplyAdd(x, b1, s41);
            x = Vector.Create(*a5);
            s50 = Vector.FusedMultiplyAdd(x, b0, s50);
            s51 = Vector.FusedMultiplyAdd(x, b1, s51);
            a0 += stepStride;
            a1 += stepStride;
            a2 += stepStride;
            a3 += stepStride;
            a4 += stepStride;
            a5 += stepStride;
        }

        var to = whole ? c : spare;
        var step = whole ? width : 2 * lanes;
        Store(to, 0, rows, step, s00, s01);
        Store(to, 1, rows, step, s10, s11);
        Store(to, 2, rows, step, s20, s21);
        Store(to, 3, rows, step, s30, s31);
        Store(to, 4, rows, step, s40, s41);
        Store(to, 5, rows, step, s50, s51);
        if (!whole) CopyRows(spare, 2 * lanes, c, width, rows, columns);
    }

    // By value: a sum whose address is taken would live in memory, not in a register.
    private static Vector<float> Load(float* from, int row, int rows, int stride) =>
        row < rows ? Vector.Load(from + (row * stride)) : default;

    private static void Store(float* to, int row, int rows, int stride, Vector<float> first, Vector<float> second)
    {
        if (row >= rows) return;
        Vector.Store(first, to + (row * stride));
        Vector.Store(second, to + (row * stride) + Vector<float>.Count);
    }

    private static void CopyRows(float* from, int fromStride, float* to, int toStride, int rows, int columns)
    {
        for (var i = 0; i < rows; i++)
        for (var j = 0; j < columns; j++)
            to[(i * toStride) + j] = from[(i * fromStride) + j];
    }
}
