using System.Collections.Immutable;

namespace Gyre.Monitoring;

/// <summary>A window compared with the reference.</summary>
/// <param name="Rows">The window's rows.</param>
/// <param name="Columns">One per column that both have, in the reference's order.</param>
/// <param name="Prediction">The predictions, when both have them.</param>
public sealed record DriftReport(int Rows, ImmutableArray<ColumnDrift> Columns, ColumnDrift? Prediction)
{
    /// <summary>
    /// The columns that have drifted, the farthest by corrected index first; the prediction is not among them.
    /// </summary>
    public ImmutableArray<ColumnDrift> Drifted(double psiThreshold, double wassersteinThreshold) =>
        [.. Columns.Where(column => column.IsDrift(psiThreshold, wassersteinThreshold))
            .OrderByDescending(column => column.PsiCorrected)];
}
