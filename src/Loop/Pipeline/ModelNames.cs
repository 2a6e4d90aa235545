using System.Text;
using System.Text.RegularExpressions;

namespace Gyre.Loop.Pipeline;

/// <summary>Names of models stand in URLs and folder names.</summary>
public static partial class ModelNames
{
    /// <summary>What a name may be, for error messages.</summary>
    public const string Rule = "letters, digits, '-', '_' and '.', starting with a letter or digit, at most 100";

    /// <summary>Whether a text is a model's name.</summary>
    public static bool IsValid(string name) => Pattern().IsMatch(name);

    /// <summary>A name made from a file's name.</summary>
    public static string FromFile(string path)
    {
        var stem = Path.GetFileName(path).Split('.')[0];
        var name = new StringBuilder();
        foreach (var c in stem) name.Append(char.IsAsciiLetterOrDigit(c) || c is '-' or '_' ? c : '-');
        var trimmed = name.ToString().Trim('-', '_');
        return IsValid(trimmed) ? trimmed : "model";
    }

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")]
    private static partial Regex Pattern();
}
