using Gyre.Primitives;

namespace Gyre.Tracking;

/// <summary>MLflow's rules for the names of metrics, parameters and tags.</summary>
internal static class RunNames
{
    public const int MaxKey = 250;
    public const int MaxParameter = 6000;
    public const int MaxTag = 8000;

    public static void Check(string kind, string key)
    {
        if (key.Length is 0 or > MaxKey)
            throw GyreException.Invalid($"The name of a {kind} has {key.Length} characters; 1 to {MaxKey} are allowed.");
        if (key.FirstOrDefault(letter => !IsAllowed(letter)) is var bad and not '\0')
        {
            throw GyreException.Invalid(
                $"The {kind} '{key}' holds '{bad}'; letters, digits, '_', '/', '.', '-', ':' and spaces are allowed.");
        }

        if (key[0] == '/' || key.Split('/').Any(part => part is "" or "." or ".."))
            throw GyreException.Invalid($"The {kind} '{key}' is not a plain path.");
    }

    /// <summary>The first characters of a value; a character of two code units is not cut in half.</summary>
    public static string Cut(string value, int length)
    {
        if (value.Length <= length) return value;
        return char.IsHighSurrogate(value[length - 1]) ? value[..(length - 1)] : value[..length];
    }

    private static bool IsAllowed(char letter) =>
        char.IsLetterOrDigit(letter) || letter is '_' or '/' or '.' or '-' or ':' or ' ';
}
