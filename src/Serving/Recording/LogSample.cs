namespace Gyre.Serving.Recording;

/// <summary>Decides by a prediction's id alone whether it is recorded: the same now and later, here and elsewhere.</summary>
internal static class LogSample
{
    /// <summary>Whether a prediction is in the sample.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="share">The share of all, 0 to 1.</param>
    public static bool Contains(string id, double share) => share >= 1 || (share > 0 && Position(id) < share);

    // FNV-1a over the id's characters, mixed by MurmurHash3's finalizer: the upper 53 bits as a number in [0, 1).
    private static double Position(string id)
    {
        var hash = 14695981039346656037UL;
        foreach (var character in id) hash = (hash ^ character) * 1099511628211UL;
        hash = (hash ^ (hash >> 33)) * 0xff51afd7ed558ccdUL;
        hash = (hash ^ (hash >> 33)) * 0xc4ceb9fe1a85ec53UL;
        return ((hash ^ (hash >> 33)) >> 11) * (1.0 / (1UL << 53));
    }
}
