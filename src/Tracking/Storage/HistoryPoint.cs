namespace Gyre.Tracking.Storage;

/// <summary>A point of one metric's history, in the order of timestamp, step and stored value.</summary>
/// <param name="Timestamp">Milliseconds since 1970 UTC.</param>
/// <param name="Step">The position on the run's own axis.</param>
/// <param name="Value">The value; NaN stands where 0 does, as which it is stored.</param>
internal readonly record struct HistoryPoint(long Timestamp, long Step, double Value) : IComparable<HistoryPoint>
{
    public int CompareTo(HistoryPoint other)
    {
        if (Timestamp != other.Timestamp) return Timestamp < other.Timestamp ? -1 : 1;
        return Step != other.Step ? (Step < other.Step ? -1 : 1) : Stored(Value).CompareTo(Stored(other.Value));
    }

    private static double Stored(double value) => double.IsNaN(value) ? 0 : value;
}
