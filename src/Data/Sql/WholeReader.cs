using System.Numerics;
using Gyre.DuckDb;
using Gyre.Tabular;

namespace Gyre.Data.Sql;

/// <summary>Whole numbers and timestamps to <see cref="long"/>.</summary>
internal sealed class WholeReader<T>(ColumnPlan plan, int expectedRows) : ColumnReader where T : unmanaged, IBinaryInteger<T>
{
    private Growing<long> _values = new(expectedRows);
    private MissingRows _missing = new();

    public override void Append(DuckDbVector vector, int rows)
    {
        var source = vector.Values<T>();
        _missing.Append(vector, _values.Count, rows);
        var target = _values.Extend(rows);
        if (typeof(T) == typeof(long)) vector.Values<long>().CopyTo(target);
        else for (var i = 0; i < target.Length; i++) target[i] = long.CreateTruncating(source[i]);
        if (vector.AllValid) return;
        for (var i = 0; i < rows; i++)
        {
            if (!vector.IsValid(i)) target[i] = 0;
        }
    }

    public override Column Build() => new Column<long>(plan.Name, plan.Type, _values.ToArray(), _missing.ToArray());
}
