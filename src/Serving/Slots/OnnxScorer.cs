using Gyre.Primitives;

namespace Gyre.Serving.Slots;

/// <summary>Loads packages for serving.</summary>
internal static class OnnxScorer
{
    /// <summary>Refused until the scorer of Models is wired here.</summary>
    public static IScorer Load(string folder) =>
        throw new GyreException(ErrorCode.Unavailable, $"{folder}: model packages cannot be loaded yet.");
}
