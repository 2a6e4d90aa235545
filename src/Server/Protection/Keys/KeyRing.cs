using System.Collections.Frozen;
using System.Security.Cryptography;

namespace Gyre.Server.Protection.Keys;

/// <summary>What a credential turned out to be.</summary>
internal enum KeyVerdict
{
    /// <summary>There is no credential.</summary>
    None,

    /// <summary>A key that works.</summary>
    Valid,

    /// <summary>No key of this store, or one that was revoked.</summary>
    Unknown,

    /// <summary>A key whose time is over.</summary>
    Expired,
}

/// <summary>
/// The keys that this server accepts, as an immutable dictionary that is swapped whole; a check takes no lock and
/// allocates nothing, whether the key is good or not. Thread-safe.
/// </summary>
internal sealed class KeyRing(TimeProvider time)
{
    private volatile Snapshot _keys = new([], new KeyUse.Factory(time));

    /// <summary>Whether there is any key.</summary>
    public bool IsEmpty => _keys.ById.Count == 0;

    /// <summary>What is known of the use of each key that has a limit.</summary>
    public IEnumerable<KeyUse> Uses => _keys.ById.Values.Select(member => member.Use);

    /// <summary>Accepts exactly these keys from now on. What was used of their limits is kept.</summary>
    public void Replace(IReadOnlyList<StoredKey> keys) =>
        _keys = new Snapshot(keys, new KeyUse.Factory(time, _keys.ById));

    /// <summary>Recognises a key.</summary>
    /// <param name="text">What the client sent.</param>
    /// <param name="use">The key, when it is valid or expired.</param>
    public KeyVerdict Check(ReadOnlySpan<char> text, out KeyUse? use)
    {
        use = null;
        var id = KeyText.IdOf(text);
        if (id.IsEmpty || !_keys.Find.TryGetValue(id, out var member)) return KeyVerdict.Unknown;
        Span<byte> hash = stackalloc byte[KeyText.HashLength];
        KeyText.Hash(text, hash);
        var now = time.GetUtcNow();
        if (!IsOf(member.Stored, hash, now)) return KeyVerdict.Unknown;
        use = member.Use;
        return member.Stored.Key.ExpiresAt <= now ? KeyVerdict.Expired : KeyVerdict.Valid;
    }

    private static bool IsOf(StoredKey key, ReadOnlySpan<byte> hash, DateTimeOffset now) =>
        CryptographicOperations.FixedTimeEquals(hash, key.Hash)
        || (key.PreviousHash is { } previous && key.PreviousUntil > now
            && CryptographicOperations.FixedTimeEquals(hash, previous));

    internal sealed record Member(StoredKey Stored, KeyUse Use);

    private sealed class Snapshot
    {
        public Snapshot(IReadOnlyList<StoredKey> keys, KeyUse.Factory uses)
        {
            ById = keys.ToFrozenDictionary(
                key => key.Key.Id, key => new Member(key, uses.Of(key.Key)), StringComparer.Ordinal);
            Find = ById.GetAlternateLookup<ReadOnlySpan<char>>();
        }

        public FrozenDictionary<string, Member> ById { get; }

        public FrozenDictionary<string, Member>.AlternateLookup<ReadOnlySpan<char>> Find { get; }
    }
}
