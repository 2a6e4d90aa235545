namespace Gyre.Training;

/// <summary>
/// The few inputs of each row that are not 0. Rows of equal text share theirs: row r has the entries
/// <c>starts[texts[r]]</c> up to <c>starts[texts[r] + 1]</c>; columns ascend within an entry.
/// </summary>
internal sealed class SparseRows(int width, int[] texts, int[] starts, int[] columns, float[] values)
{
    public int Rows => texts.Length;

    public int Width => width;

    /// <summary>The columns of a row's inputs that are not 0, ascending.</summary>
    public ReadOnlySpan<int> Columns(int row) =>
        columns.AsSpan(starts[texts[row]]..starts[texts[row] + 1]);

    /// <summary>Their values.</summary>
    public ReadOnlySpan<float> Values(int row) =>
        values.AsSpan(starts[texts[row]]..starts[texts[row] + 1]);
}
