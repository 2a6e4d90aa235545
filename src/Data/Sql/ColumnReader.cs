using Gyre.DuckDb;
using Gyre.Tabular;

namespace Gyre.Data.Sql;

/// <summary>Collects the vectors of one column.</summary>
internal abstract class ColumnReader
{
    public abstract void Append(DuckDbVector vector, int rows);

    public abstract Column Build();

    /// <summary>One per column of a plan.</summary>
    public static ColumnReader[] For(IReadOnlyList<DuckDbColumn> columns, ColumnPlan[] plan, int expectedRows) =>
        [.. plan.Select((column, i) => For(columns[i].Type, column, expectedRows))];

    public static ColumnReader For(DuckDbType source, ColumnPlan plan, int expectedRows) => (plan.Type, source) switch
    {
        (ColumnType.Numeric, DuckDbType.Double) => new NumberReader<double>(plan.Name, expectedRows),
        (ColumnType.Numeric, DuckDbType.Float) => new NumberReader<float>(plan.Name, expectedRows),
        (ColumnType.Numeric, DuckDbType.TinyInt) => new NumberReader<sbyte>(plan.Name, expectedRows),
        (ColumnType.Numeric, DuckDbType.SmallInt) => new NumberReader<short>(plan.Name, expectedRows),
        (ColumnType.Numeric, DuckDbType.Integer) => new NumberReader<int>(plan.Name, expectedRows),
        (ColumnType.Numeric, DuckDbType.BigInt) => new NumberReader<long>(plan.Name, expectedRows),
        (ColumnType.Numeric, DuckDbType.UTinyInt) => new NumberReader<byte>(plan.Name, expectedRows),
        (ColumnType.Numeric, DuckDbType.USmallInt) => new NumberReader<ushort>(plan.Name, expectedRows),
        (ColumnType.Numeric, DuckDbType.UInteger) => new NumberReader<uint>(plan.Name, expectedRows),
        (ColumnType.Numeric, DuckDbType.UBigInt) => new NumberReader<ulong>(plan.Name, expectedRows),
        (ColumnType.Integer, DuckDbType.TinyInt) => new WholeReader<sbyte>(plan, expectedRows),
        (ColumnType.Integer, DuckDbType.SmallInt) => new WholeReader<short>(plan, expectedRows),
        (ColumnType.Integer, DuckDbType.Integer) => new WholeReader<int>(plan, expectedRows),
        (ColumnType.Integer, DuckDbType.BigInt) => new WholeReader<long>(plan, expectedRows),
        (ColumnType.Integer, DuckDbType.UTinyInt) => new WholeReader<byte>(plan, expectedRows),
        (ColumnType.Integer, DuckDbType.USmallInt) => new WholeReader<ushort>(plan, expectedRows),
        (ColumnType.Integer, DuckDbType.UInteger) => new WholeReader<uint>(plan, expectedRows),
        (ColumnType.Timestamp, _) => new WholeReader<long>(plan, expectedRows),
        (ColumnType.Boolean, DuckDbType.Boolean) => new BooleanReader(plan.Name, expectedRows),
        (ColumnType.Image, DuckDbType.Blob) when plan.Image is { } shape => new ImageReader(plan.Name, shape),
        (_, DuckDbType.Varchar) => new TextReader(plan, expectedRows),
        _ => throw new InvalidOperationException($"No reader takes {source} as {plan.Type}."),
    };
}
