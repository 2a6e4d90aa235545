using Gyre.Data;
using Gyre.Features;
using Gyre.Loop.Pipeline;
using Gyre.Tabular;
using Gyre.Training;

namespace Gyre.Loop.Runs;

/// <summary>The rows of one run, with all raw and derived columns, in the order of the source.</summary>
/// <param name="Definition">The pipeline.</param>
/// <param name="Snapshot">What was read.</param>
/// <param name="Contract">What the contract said of it.</param>
/// <param name="Plan">How features are derived.</param>
/// <param name="Table">Rows that passed the contract and have a target; all columns of the plan.</param>
/// <param name="Set">The same rows as features and target.</param>
internal sealed record TrainingFrame(
    PipelineDefinition Definition, Snapshot Snapshot, ContractReport Contract, FeaturePlan Plan, Table Table, TrainingSet Set)
{
    /// <summary>The time of each row in microseconds since 1970; null without a time column.</summary>
    public Column<long>? Time => Definition.Time is { } name ? (Column<long>)Table[name] : null;
}
