namespace Gyre.Numerics;

/// <summary>Parts rows by their bin of one feature, keeping their order.</summary>
public static unsafe class RowPartition
{
    /// <summary>Moves the rows that go left to the front of <paramref name="rows"/>; the others go to
    /// <paramref name="right"/>.</summary>
    /// <param name="bins">The feature's bins, one byte per row of the whole.</param>
    /// <param name="goesLeft">256 numbers: 1 for a bin that goes left, 0 for one that goes right.</param>
    /// <param name="rows">The rows to part; on return the left ones in front, the rest undefined.</param>
    /// <param name="right">At least as long as <paramref name="rows"/>; on return the right ones in front.</param>
    /// <returns>How many went left.</returns>
    /// <exception cref="ArgumentException">A span is too short.</exception>
    public static int Split(ReadOnlySpan<byte> bins, ReadOnlySpan<byte> goesLeft, Span<int> rows, Span<int> right)
    {
        if (goesLeft.Length < 256) throw new ArgumentException("256 numbers are needed.", nameof(goesLeft));
        if (right.Length < rows.Length) throw new ArgumentException("Too short for the rows.", nameof(right));
        int left = 0, count = rows.Length;
        fixed (byte* b = bins, lut = goesLeft)
        fixed (int* r = rows, other = right)
        {
            // Both places are written and one counter moves, so that no branch depends on the data; the write in front
            // is at or behind the row just read.
            for (var i = 0; i < count; i++)
            {
                var row = r[i];
                int side = lut[b[row]];
                r[left] = row;
                other[i - left] = row;
                left += side;
            }
        }

        return left;
    }
}
