using Gyre.Loop.Ledger;
using Gyre.Serving.Traffic;
using Gyre.Tracking;
using Microsoft.Extensions.DependencyInjection;

namespace Gyre.Server.Ledger;

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

    internal static void AddTrafficLedger(this IServiceCollection services) =>
        services.AddSingleton(provider => Of(provider.GetRequiredService<TrackingDatabase>()));

    private static LedgerEntry Entry(TrafficEvent happened)
    {
        happened.Evidence["event"] = happened.Kind;
        return new LedgerEntry(0, happened.At, happened.Model, LedgerKind.Traffic, happened.Summary, null,
            happened.Version, happened.Evidence);
    }
}
