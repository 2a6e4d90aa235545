using Gyre.DuckDb;
using Gyre.Tabular;

namespace Gyre.Data.Sql;

internal sealed class BooleanReader(string name, int expectedRows) : ColumnReader
{
    private Growing<bool> _values = new(expectedRows);
    private MissingRows _missing = new();

    public override void Append(DuckDbVector vector, int rows)
    {
        _missing.Append(vector, _values.Count, rows);
        var source = vector.Values<byte>();
        var target = _values.Extend(rows);
        for (var i = 0; i < rows; i++) target[i] = vector.IsValid(i) && source[i] != 0;
    }

    public override Column Build() =>
        new Column<bool>(name, ColumnType.Boolean, _values.ToArray(), _missing.ToArray());
}
