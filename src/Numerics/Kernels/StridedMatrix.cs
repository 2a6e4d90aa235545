namespace Gyre.Numerics;

/// <summary>
/// A float32 matrix over numbers that stand elsewhere: element (i, j) is <c>Values[i × RowStride + j × ColumnStride]</c>.
/// A transposed matrix is the same numbers with the strides exchanged.
/// </summary>
public readonly ref struct StridedMatrix
{
    private StridedMatrix(ReadOnlySpan<float> values, int rows, int columns, int rowStride, int columnStride)
    {
        Values = values;
        (Rows, Columns, RowStride, ColumnStride) = (rows, columns, rowStride, columnStride);
    }

    /// <summary>The numbers.</summary>
    public ReadOnlySpan<float> Values { get; }

    /// <summary>The number of rows.</summary>
    public int Rows { get; }

    /// <summary>The number of columns.</summary>
    public int Columns { get; }

    /// <summary>How far apart two rows are.</summary>
    public int RowStride { get; }

    /// <summary>How far apart two columns are.</summary>
    public int ColumnStride { get; }

    /// <summary>The matrix with rows and columns exchanged; copies nothing.</summary>
    public StridedMatrix Transposed => new(Values, Columns, Rows, ColumnStride, RowStride);

    /// <summary>A view of row-major numbers, rows × columns.</summary>
    /// <exception cref="ArgumentException">There are fewer numbers than that.</exception>
    public static StridedMatrix RowMajor(ReadOnlySpan<float> values, int rows, int columns)
    {
        if (values.Length < (long)rows * columns)
            throw new ArgumentException($"{values.Length} numbers do not make {rows} × {columns}.", nameof(values));
        return new StridedMatrix(values, rows, columns, columns, 1);
    }
}
