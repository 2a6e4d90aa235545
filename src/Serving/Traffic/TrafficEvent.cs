using System.Data.Common;
using System.Text.Json.Nodes;

namespace Gyre.Serving.Traffic;

/// <summary>
/// Something that happened to a model's traffic: a policy was set, a step taken, a challenger taken back.
/// </summary>
/// <param name="At">When.</param>
/// <param name="Model">The model.</param>
/// <param name="Kind">
/// What: <c>policy-set</c>, <c>step</c>, <c>paused</c>, <c>resumed</c>, <c>rolled-back</c>, <c>finished</c>,
/// <c>decided</c>.
/// </param>
/// <param name="Summary">One line for people.</param>
/// <param name="Version">The version it is about, if any.</param>
/// <param name="Evidence">The figures behind it.</param>
public sealed record TrafficEvent(
    DateTimeOffset At, string Model, string Kind, string Summary, int? Version, JsonObject Evidence);

/// <summary>
/// Keeps an event, inside the transaction that makes it true: neither is there without the other. Given by the host.
/// </summary>
/// <param name="connection">The transaction's connection.</param>
/// <param name="happened">The event.</param>
public delegate void TrafficEventSink(DbConnection connection, TrafficEvent happened);
