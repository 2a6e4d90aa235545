using Gyre.DuckDb;
using Gyre.Tabular;

namespace Gyre.Data.Sql;

/// <summary>Strings to codes; categories stand in order of appearance.</summary>
internal sealed class TextReader(ColumnPlan plan, int expectedRows) : ColumnReader
{
    private readonly TextDictionary _dictionary = new();
    private Growing<int> _codes = new(expectedRows);

    public override void Append(DuckDbVector vector, int rows)
    {
        var source = vector.Values<DuckDbString>();
        var target = _codes.Extend(rows);
        if (vector.AllValid)
        {
            _dictionary.Encode(source, target);
            return;
        }

        for (var i = 0; i < target.Length; i++)
            target[i] = vector.IsValid(i) ? _dictionary.CodeOf(in source[i]) : CategoricalColumn.MissingCode;
    }

    public override Column Build() =>
        new CategoricalColumn(plan.Name, plan.Type, _codes.ToArray(), _dictionary.ToArray());
}
