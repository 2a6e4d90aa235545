using Gyre.Models.Export;
using Gyre.Models.Expressions;
using Gyre.Models.Graph;
using Gyre.Primitives;
using Gyre.Tabular;
using Gyre.Tabular.Expressions;

namespace Gyre.Models;

/// <summary>Tells whether a derived column can be computed inside the served graph. Thread-safe.</summary>
public static class OnnxExpressions
{
    /// <summary>Whether <see cref="OnnxExporter"/> can write the column.</summary>
    /// <param name="column">The derived column.</param>
    /// <param name="available">Raw columns, and derived ones before it, with their types.</param>
    /// <param name="reason">When not: what stands in the way, without a full stop.</param>
    public static bool IsSupported(DerivedColumn column, Schema available, out string? reason)
    {
        reason = WhyUnsupported(column, available);
        return reason is null;
    }

    /// <summary>What keeps a derived column out of the graph, without a full stop; null when nothing does.</summary>
    /// <param name="column">The derived column.</param>
    /// <param name="available">Raw columns, and derived ones before it, with their types.</param>
    public static string? WhyUnsupported(DerivedColumn column, Schema available)
    {
        ArgumentNullException.ThrowIfNull(column);
        ArgumentNullException.ThrowIfNull(available);
        var others = new Schema(available.Where(c => c.Name != column.Name));
        var math = new GraphMath(new GraphBuilder(others.Select(c => c.Name)));
        try
        {
            RawColumns.Declare(math, [column.Name], [column], others).Value(column.Name);
            return null;
        }
        catch (GyreException error)
        {
            return error.InnerException is UnsupportedExpressionException reason
                ? reason.Message
                : error.Message.TrimEnd('.');
        }
    }
}
