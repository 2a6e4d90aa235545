using Gyre.Primitives;

namespace Gyre.Tracking;

/// <summary>MLflow's rules for the names of models, aliases and tags.</summary>
internal static class RegistryNames
{
    private const int MaxName = 256;
    private const int MaxAlias = 255;
    private const int MaxTagKey = 250;
    private const int MaxTagValue = 100_000;
    private const int MaxModelTagValue = 5000;

    public static void CheckModel(string name)
    {
        if (string.IsNullOrWhiteSpace(name)) throw GyreException.Invalid("Registered model name cannot be empty.");
        if (name.AsSpan().IndexOfAny('/', ':', '\0') >= 0)
            throw GyreException.Invalid($"Invalid name: '{name}'. Registered model name cannot contain '/' or ':'.");
        if (name.Length > MaxName || name is "." or "..")
        {
            throw GyreException.Invalid(
                $"Invalid name: '{name}'. A plain name of at most {MaxName} characters is needed.");
        }
    }

    public static void CheckAlias(string alias)
    {
        if (alias.Equals("latest", StringComparison.OrdinalIgnoreCase))
            throw GyreException.Invalid("'latest' alias name (case insensitive) is reserved.");
        if (alias.Length > 1 && alias[0] is 'v' or 'V' && alias.AsSpan(1).IndexOfAnyExceptInRange('0', '9') < 0)
            throw GyreException.Invalid($"Version alias name '{alias}' is reserved.");
        if (alias.Length is 0 or > MaxAlias
            || !alias.All(letter => char.IsLetterOrDigit(letter) || letter is '_' or '-'))
        {
            throw GyreException.Invalid(
                $"Invalid alias name: '{alias}'. 1 to {MaxAlias} letters, digits, '_' and '-' are needed.");
        }
    }

    /// <summary>Checks a tag of a model: its value is shorter than that of a version.</summary>
    public static void CheckModelTag(string key, string value) => CheckTag(key, value, MaxModelTagValue);

    public static void CheckVersionTag(string key, string value) => CheckTag(key, value, MaxTagValue);

    private static void CheckTag(string key, string value, int longest)
    {
        RunNames.Check("tag", key);
        if (key.Length > MaxTagKey)
            throw GyreException.Invalid($"The tag's key has {key.Length} characters; at most {MaxTagKey} are allowed.");
        if (value.Length > longest)
        {
            throw GyreException.Invalid(
                $"The value of tag '{key}' has {value.Length} characters; at most {longest} are allowed.");
        }
    }
}
