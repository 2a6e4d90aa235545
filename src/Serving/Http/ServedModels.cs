using Gyre.Primitives;
using Gyre.Serving.Requests;
using Gyre.Serving.Slots;

namespace Gyre.Serving.Http;

/// <summary>Finds the served version that a route names.</summary>
internal static class ServedModels
{
    /// <summary>Demands that a model, in that version if one is given, is served.</summary>
    /// <returns>The version that is served at this moment.</returns>
    /// <exception cref="GyreException">It is not.</exception>
    public static string Require(ModelSlots slots, string name, string? version)
    {
        using var hold = Hold(slots, name, version);
        return hold.Model.VersionText;
    }

    /// <summary>
    /// Holds the served version of a model; disposes <paramref name="alongside"/> when there is none.
    /// </summary>
    /// <exception cref="GyreException">The model, or that version of it, is not served.</exception>
    public static ModelHold Hold(ModelSlots slots, string name, string? version, IDisposable? alongside = null)
    {
        if (slots.Hold(name) is not { } hold)
        {
            alongside?.Dispose();
            throw GyreException.NotFound($"No model '{RequestRejectedException.Shorten(name)}' is served.");
        }

        if (version is null || version == hold.Model.VersionText) return hold;
        var served = hold.Model.VersionText;
        hold.Dispose();
        alongside?.Dispose();
        throw GyreException.NotFound(
            $"Version {RequestRejectedException.Shorten(version)} of '{name}' is not served; version {served} is.");
    }
}
