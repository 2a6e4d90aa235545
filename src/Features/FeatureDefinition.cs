namespace Gyre.Features;

/// <summary>A feature that `gyre.yaml` derives from raw columns by SQL.</summary>
/// <param name="Name">The column it makes; unique among raw and derived columns.</param>
/// <param name="Sql">A DuckDB expression over raw columns and over features defined before it.</param>
/// <param name="Serve">How a prediction request comes by its value.</param>
public sealed record FeatureDefinition(string Name, string Sql, ServeMode Serve = ServeMode.Compute);

/// <summary>How a prediction request comes by a derived feature.</summary>
public enum ServeMode
{
    /// <summary>The served model computes it from the row's own columns. Refused where that cannot be done.</summary>
    Compute,

    /// <summary>The client sends it as a column of its own, as for lags and aggregates over other rows.</summary>
    Request,
}
