using System.Collections.Immutable;
using Gyre.Tabular;
using Gyre.Tabular.Expressions;

namespace Gyre.Features;

/// <summary>How derived features are made, for training by SQL and for serving inside the model. Immutable.</summary>
/// <param name="Raw">The columns of the snapshot.</param>
/// <param name="Definitions">The features, in the order they are derived.</param>
/// <param name="Schema">Raw columns followed by all derived ones, typed.</param>
/// <param name="Derived">The features a served model computes itself, in order.</param>
/// <param name="Request">Raw columns, and the derived ones that clients send: what a request may carry.</param>
public sealed record FeaturePlan(
    Schema Raw,
    ImmutableArray<FeatureDefinition> Definitions,
    Schema Schema,
    ImmutableArray<DerivedColumn> Derived,
    Schema Request)
{
    /// <summary>
    /// SQL that selects all of <see cref="Schema"/> from <paramref name="relation"/>, in the order of its rows.
    /// </summary>
    /// <param name="relation">A table, view or table function.</param>
    public string SelectFrom(string relation)
    {
        const string order = "gyre_row";
        var inner = $"SELECT {Columns(Raw.Select(c => c.Name))}, row_number() OVER () AS {order} FROM {relation}";
        foreach (var feature in Definitions)
            inner = $"SELECT *, ({feature.Sql}) AS {SqlText.Identifier(feature.Name)} FROM ({inner})";
        return $"SELECT {Columns(Schema.Select(c => c.Name))} FROM ({inner}) ORDER BY {order}";
    }

    private static string Columns(IEnumerable<string> names) => string.Join(", ", names.Select(SqlText.Identifier));
}
