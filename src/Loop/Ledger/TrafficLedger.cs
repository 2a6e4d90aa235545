using Gyre.Serving.Traffic;
using Gyre.Tracking;

namespace Gyre.Loop.Ledger;

/// <summary>
/// Writes what traffic policies decide to the ledger, in the decision's own transaction, also where no loop runs.
/// </summary>
public static class TrafficLedger
{
    /// <summary>What writes the events of a database to its ledger, whose table is made where it is absent.</summary>
    public static TrafficEventSink Of(TrackingDatabase database)
    {
        _ = new LedgerStore(database); // makes the table
        return (connection, happened) => LedgerStore.Append(connection, Entry(happened));
    }

    private static LedgerEntry Entry(TrafficEvent happened)
    {
        happened.Evidence["event"] = happened.Kind;
        return new LedgerEntry(0, happened.At, happened.Model, LedgerKind.Traffic, happened.Summary, null,
            happened.Version, happened.Evidence);
    }
}
