namespace Gyre.Tabular.Expressions;

/// <summary>A column that is computed from other columns of the same row.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">The type of its values.</param>
/// <param name="Expression">How it is computed; refers to raw columns or to derived columns before it.</param>
public sealed record DerivedColumn(string Name, ColumnType Type, RowExpression Expression);
