using System.Globalization;
using Gyre.Primitives;
using Gyre.Serving.Requests;
using Gyre.Serving.Slots;
using Gyre.Serving.Traffic;

namespace Gyre.Serving.Http;

/// <summary>Finds the version that a route names.</summary>
internal static class ServedModels
{
    /// <summary>Holds the version that a route names, or the one that answers when it names none.</summary>
    /// <exception cref="GyreException">There is no such model or version, or it cannot be loaded.</exception>
    public static ValueTask<ModelHold> HoldAsync(
        ModelSlots slots, string name, string? version, CancellationToken cancellationToken) =>
        version is null
            ? slots.HoldAsync(name, TrafficChoice.Champion, cancellationToken)
            : slots.HoldAsync(Named(slots, name, version), cancellationToken);

    /// <summary>Demands that a model is served, before anything is read.</summary>
    /// <returns>The version that answers at this moment, for labels of metrics.</returns>
    /// <exception cref="GyreException">It is not.</exception>
    public static string Require(ModelSlots slots, string name) =>
        (slots.VersionOf(name) ?? throw NotServed(name)).ToString(CultureInfo.InvariantCulture);

    /// <summary>A version of a model that is served.</summary>
    /// <exception cref="GyreException">The model is not served, or the text is no version.</exception>
    public static ServedVersion Named(ModelSlots slots, string name, string version)
    {
        if (slots.VersionOf(name) is null) throw NotServed(name);
        if (!int.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number < 1)
        {
            throw GyreException.NotFound(
                $"'{RequestRejectedException.Shorten(version)}' is no version of '{name}': versions are 1, 2, 3, …");
        }

        return new ServedVersion(name, number);
    }

    private static GyreException NotServed(string name) =>
        GyreException.NotFound($"No model '{RequestRejectedException.Shorten(name)}' is served.");
}
