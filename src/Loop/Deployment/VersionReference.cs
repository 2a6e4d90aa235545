using System.Globalization;
using Gyre.Primitives;
using Gyre.Tracking;

namespace Gyre.Loop.Deployment;

/// <summary>Finds registered versions by what users write.</summary>
public static class VersionReference
{
    /// <summary>A version by `MODEL`, `MODEL@ALIAS`, `MODEL@VERSION` or `MODEL/VERSION`; by `MODEL` alone the champion.</summary>
    /// <exception cref="GyreException">There is none.</exception>
    public static ModelVersion Find(ModelRegistry registry, string reference)
    {
        ArgumentNullException.ThrowIfNull(registry);
        ArgumentNullException.ThrowIfNull(reference);
        var at = reference.LastIndexOfAny(['@', '/']);
        var (model, which) = at < 0 ? (reference, ModelAliases.Champion) : (reference[..at], reference[(at + 1)..]);
        if (int.TryParse(which, NumberStyles.None, CultureInfo.InvariantCulture, out var version))
            return registry.Get(model, version);
        if (at >= 0 && reference[at] == '/') throw GyreException.Invalid($"{reference}: '{which}' is not the number of a version");
        return registry.GetByAlias(model, which)
            ?? throw GyreException.NotFound($"{model}: no version is '{which}'; try `gyre run`");
    }
}
