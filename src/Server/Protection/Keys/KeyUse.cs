using System.Collections.Frozen;
using Gyre.Server.Protection.Limits;

namespace Gyre.Server.Protection.Keys;

/// <summary>
/// A key as this server sees it in use: what it may do, and how much of its limits is left. Thread-safe.
/// </summary>
internal sealed class KeyUse
{
    private readonly FrozenSet<string>? _models;

    private KeyUse(ApiKey key, RateGate? rate, QuotaCount? quota)
    {
        (Key, Rate, Quota) = (key, rate, quota);
        _models = key.Models?.ToFrozenSet(StringComparer.Ordinal);
    }

    public ApiKey Key { get; }

    /// <summary>What holds its rate, if it has one.</summary>
    public RateGate? Rate { get; }

    /// <summary>What counts against its quota, if it has one.</summary>
    public QuotaCount? Quota { get; }

    /// <summary>Whether it may be used for certain models only.</summary>
    public bool IsRestricted => _models is not null;

    /// <summary>Whether it may be used for all of <paramref name="scopes"/>.</summary>
    public bool Has(Scopes scopes) => (Key.Scopes & Scopes.Admin) != 0 || (Key.Scopes & scopes) == scopes;

    /// <summary>Whether it may be used for a model.</summary>
    public bool Allows(string model) => _models is null || _models.Contains(model);

    /// <summary>
    /// Makes the uses of a new snapshot. A limit that did not change goes on from where it was: a rotation, or another
    /// key's revocation, gives nobody a fresh one.
    /// </summary>
    internal sealed class Factory(TimeProvider time, FrozenDictionary<string, KeyRing.Member>? last = null)
    {
        public KeyUse Of(ApiKey key)
        {
            var before = last is not null && last.TryGetValue(key.Id, out var member) ? member.Use : null;
            return new KeyUse(
                key,
                key.Rate is not { } rate ? null : before?.Key.Rate == rate ? before.Rate : new RateGate(rate, time),
                key.Quota is not { } quota ? null
                    : before?.Key.Quota == quota ? before.Quota : new QuotaCount(quota, time));
        }
    }
}
