using System.Collections.Immutable;
using Gyre.Tabular;

namespace Gyre.Training;

/// <summary>What a target is: its column, task and classes.</summary>
internal sealed record TargetDescription(string Name, ColumnType Type, TaskKind Task, ImmutableArray<string> Classes)
{
    /// <summary>How many numbers a prediction has; see <see cref="TaskKinds.OutputsOf"/>.</summary>
    public int Outputs => Task.OutputsOf(Classes.Length);
}
