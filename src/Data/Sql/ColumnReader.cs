using Gyre.DuckDb;
using Gyre.Tabular;

namespace Gyre.Data.Sql;

/// <summary>Collects the vectors of one column.</summary>
internal abstract class ColumnReader
{
    public abstract void Append(DuckDbVector vector, int rows);

    public abstract Column Build();

    public static ColumnReader For(DuckDbType source, ColumnPlan plan) => (plan.Type, source) switch
    {
        (ColumnType.Numeric, DuckDbType.Double) => new NumberReader<double>(plan.Name),
        (ColumnType.Numeric, DuckDbType.Float) => new NumberReader<float>(plan.Name),
        (ColumnType.Numeric, DuckDbType.TinyInt) => new NumberReader<sbyte>(plan.Name),
        (ColumnType.Numeric, DuckDbType.SmallInt) => new NumberReader<short>(plan.Name),
        (ColumnType.Numeric, DuckDbType.Integer) => new NumberReader<int>(plan.Name),
        (ColumnType.Numeric, DuckDbType.BigInt) => new NumberReader<long>(plan.Name),
        (ColumnType.Numeric, DuckDbType.UTinyInt) => new NumberReader<byte>(plan.Name),
        (ColumnType.Numeric, DuckDbType.USmallInt) => new NumberReader<ushort>(plan.Name),
        (ColumnType.Numeric, DuckDbType.UInteger) => new NumberReader<uint>(plan.Name),
        (ColumnType.Numeric, DuckDbType.UBigInt) => new NumberReader<ulong>(plan.Name),
        (ColumnType.Integer, DuckDbType.TinyInt) => new WholeReader<sbyte>(plan),
        (ColumnType.Integer, DuckDbType.SmallInt) => new WholeReader<short>(plan),
        (ColumnType.Integer, DuckDbType.Integer) => new WholeReader<int>(plan),
        (ColumnType.Integer, DuckDbType.BigInt) => new WholeReader<long>(plan),
        (ColumnType.Integer, DuckDbType.UTinyInt) => new WholeReader<byte>(plan),
        (ColumnType.Integer, DuckDbType.USmallInt) => new WholeReader<ushort>(plan),
        (ColumnType.Integer, DuckDbType.UInteger) => new WholeReader<uint>(plan),
        (ColumnType.Timestamp, _) => new WholeReader<long>(plan),
        (ColumnType.Boolean, DuckDbType.Boolean) => new BooleanReader(plan.Name),
        (_, DuckDbType.Varchar) => new TextReader(plan),
        _ => throw new InvalidOperationException($"No reader takes {source} as {plan.Type}."),
    };
}
