using Gyre.Primitives;

namespace Gyre.Tracking;

/// <summary>The rules for a place that a user names for artifacts.</summary>
internal static class ArtifactLocations
{
    /// <summary>A URI as it is, a local path made absolute against the process's folder.</summary>
    /// <exception cref="GyreException">
    /// It is too long, a <c>runs:</c> address, or carries a query, a fragment or a step upwards.
    /// </exception>
    public static string Normalize(string location, int longest)
    {
        if (location.Length > longest)
        {
            throw GyreException.Invalid(
                $"The artifact location has {location.Length} characters; at most {longest} are allowed.");
        }
        if (location.StartsWith("runs:", StringComparison.OrdinalIgnoreCase))
            throw GyreException.Invalid($"Artifact locations cannot be runs:/ URIs. Given: '{location}'");
        if (!location.Contains("://", StringComparison.Ordinal)
            && !location.StartsWith("mlflow-artifacts:", StringComparison.Ordinal)
            && !location.StartsWith("file:", StringComparison.Ordinal))
            return Path.GetFullPath(location);
        if (location.AsSpan().IndexOfAny('?', '#') >= 0)
            throw GyreException.Invalid($"The artifact location '{location}' must not have a query or a fragment.");
        if (Uri.UnescapeDataString(location).Split('/', '\\').Contains(".."))
            throw GyreException.Invalid($"Invalid artifact location: '{location}' has a step upwards.");
        return location;
    }
}
