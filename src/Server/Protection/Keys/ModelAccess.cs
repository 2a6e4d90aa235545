using System.Diagnostics.Metrics;
using Gyre.Primitives;
using Gyre.Serving;

namespace Gyre.Server.Protection.Keys;

/// <summary>What a key that is for certain models lets a request be about. Thread-safe.</summary>
/// <param name="use">The key.</param>
/// <param name="refused">Counts refusals by HTTP status.</param>
internal sealed class ModelAccess(KeyUse use, Counter<long> refused) : IModelAccess
{
    private const int LongestName = 100;

    public void Demand(string model)
    {
        if (use.Allows(model)) return;
        refused.Add(1, new KeyValuePair<string, object?>("status", 403));
        throw new GyreException(ErrorCode.Forbidden, Text(use, model));
    }

    /// <summary>What the caller reads; no name when the request told none.</summary>
    public static string Text(KeyUse use, string model)
    {
        var name = model.Length <= LongestName ? model : model[..LongestName] + "…";
        return model.Length == 0
            ? $"The API key '{use.Key.Name}' is for certain models, and this request does not name one."
            : $"The API key '{use.Key.Name}' is not for the model '{name}'.";
    }
}
