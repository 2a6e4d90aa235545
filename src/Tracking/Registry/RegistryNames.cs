using Gyre.Primitives;

namespace Gyre.Tracking;

/// <summary>MLflow's rules for the names of models and aliases.</summary>
internal static class RegistryNames
{
    public static void CheckModel(string name)
    {
        if (string.IsNullOrWhiteSpace(name) || name.Length > 256 || name is "." or ".."
            || name.IndexOfAny(['/', '\\', ':']) >= 0)
        {
            throw GyreException.Invalid(
                $"'{name}' is not a name for a model: 1 to 256 characters without '/', '\\' and ':' are needed.");
        }
    }

    public static void CheckAlias(string alias)
    {
        var reserved = alias.Equals("latest", StringComparison.OrdinalIgnoreCase)
            || (alias.Length > 1 && alias[0] is 'v' or 'V' && alias.AsSpan(1).IndexOfAnyExceptInRange('0', '9') < 0);
        if (alias.Length is 0 or > 255 || reserved
            || !alias.All(letter => char.IsLetterOrDigit(letter) || letter is '_' or '-'))
        {
            throw GyreException.Invalid(
                $"'{alias}' is not an alias: letters, digits, '_' and '-', but neither 'latest' nor 'v1' and the like.");
        }
    }
}
