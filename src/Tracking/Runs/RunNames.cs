using System.Buffers;
using System.Text;
using Gyre.Primitives;

namespace Gyre.Tracking;

/// <summary>MLflow's rules for the names of metrics, parameters and tags.</summary>
internal static class RunNames
{
    public const int MaxKey = 250;
    public const int MaxParameter = 6000;
    public const int MaxTag = 8000;

    // Neither the path's letters, which need a closer look, nor those of other scripts.
    private static readonly SearchValues<char> Simple =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-: ");

    /// <summary>
    /// Whether a name is allowed at first sight; <see cref="Check"/> tells of the others. A batch has a thousand names.
    /// </summary>
    public static bool IsSimple(string key) =>
        key.Length is > 0 and <= MaxKey && key.AsSpan().IndexOfAnyExcept(Simple) < 0;

    /// <summary>Checks a name.</summary>
    /// <param name="key">The name.</param>
    /// <param name="place">What is blamed: the path of the field, or the kind of thing that is named.</param>
    /// <exception cref="GyreException">It is empty, too long, holds other characters, or is no plain path.</exception>
    public static void Check(string key, string place)
    {
        if (key.Length == 0) throw GyreException.Invalid($"Missing value for required parameter '{place}'.");
        if (key.Length > MaxKey)
        {
            throw GyreException.Invalid(
                $"'{place}' exceeds the maximum length of {MaxKey} characters: it has {key.Length}.");
        }

        foreach (var letter in key.EnumerateRunes())
        {
            if (IsAllowed(letter)) continue;
            throw GyreException.Invalid(
                $"Invalid value \"{key}\" for parameter '{place}' supplied: Names may only contain alphanumerics, "
                + "underscores (_), dashes (-), periods (.), spaces ( ), colon(:) and slashes (/).");
        }

        if (!IsPlainPath(key))
        {
            throw GyreException.Invalid(
                $"Invalid value \"{key}\" for parameter '{place}' supplied: Names may be treated as files in certain "
                + "cases, and must not resolve to other names when treated as such.");
        }
    }

    /// <summary>The first characters of a value; a character of two code units is not cut in half.</summary>
    public static string Cut(string value, int length)
    {
        if (value.Length <= length) return value;
        return char.IsHighSurrogate(value[length - 1]) ? value[..(length - 1)] : value[..length];
    }

    private static bool IsAllowed(Rune letter) =>
        letter.IsAscii
            ? char.IsAsciiLetterOrDigit((char)letter.Value) || letter.Value is '_' or '/' or '.' or '-' or ':' or ' '
            : Rune.IsLetter(letter) || Rune.IsNumber(letter);

    private static bool IsPlainPath(ReadOnlySpan<char> key)
    {
        foreach (var part in key.Split('/'))
            if (key[part] is "" or "." or "..") return false;
        return true;
    }
}
