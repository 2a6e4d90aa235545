using System.Numerics;
using Gyre.DuckDb;
using Gyre.Tabular;

namespace Gyre.Data.Sql;

/// <summary>Any number to <see cref="double"/>, missing to NaN.</summary>
internal sealed class NumberReader<T>(string name, int expectedRows) : ColumnReader where T : unmanaged, INumberBase<T>
{
    private Growing<double> _values = new(expectedRows);

    public override void Append(DuckDbVector vector, int rows)
    {
        var source = vector.Values<T>();
        var target = _values.Extend(rows);
        if (typeof(T) == typeof(double)) vector.Values<double>().CopyTo(target);
        else for (var i = 0; i < target.Length; i++) target[i] = double.CreateTruncating(source[i]);
        if (vector.AllValid) return;
        for (var i = 0; i < rows; i++)
        {
            if (!vector.IsValid(i)) target[i] = double.NaN;
        }
    }

    public override Column Build() => new Column<double>(name, ColumnType.Numeric, _values.ToArray());
}
