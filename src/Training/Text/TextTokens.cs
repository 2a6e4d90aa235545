using System.Globalization;
using System.Text;

namespace Gyre.Training;

/// <summary>
/// What a token is, defined so that an ONNX graph without any locale finds the very same ones: see
/// docs/adr/0009. A text ends at its first NUL; A to Z become lower case; then words are the longest runs of at least
/// two characters that are letters, numbers (Unicode categories L and N) or underscores, as scikit-learn cuts them, and
/// characters are code points. Letters beyond ASCII become lower case per token (<see cref="Fold"/>).
/// </summary>
public static class TextTokens
{
    private const char End = '\0';

    private static readonly HashSet<int> Spaces =
        [.. Enumerable.Range(0, char.MaxValue).Where(c => char.IsWhiteSpace((char)c))];

    /// <summary>The white space of the character analyzer, each a token of its own that counts as " ".</summary>
    public static IEnumerable<string> WhiteSpace => Spaces.Order().Select(c => ((char)c).ToString());

    /// <summary>Whether a code point belongs to words.</summary>
    public static bool IsWordCharacter(int codePoint) => codePoint == '_' || CharUnicodeInfo.GetUnicodeCategory(codePoint)
        is UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter
        or UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter or UnicodeCategory.DecimalDigitNumber
        or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber;

    /// <summary>Adds a text's tokens to a list, in order. An empty or missing text has none.</summary>
    public static void Cut(string? text, TextAnalyzer analyzer, List<string> tokens)
    {
        if (string.IsNullOrEmpty(text)) return;
        var end = text.IndexOf(End, StringComparison.Ordinal);
        var content = end < 0 ? text.AsSpan() : text.AsSpan(0, end);
        if (analyzer == TextAnalyzer.Char) CutCharacters(content, tokens);
        else CutWords(content, tokens);
    }

    /// <summary>
    /// A token in lower case. ASCII letters always are; other letters become lower case where the token is written in
    /// capitals or with a capital first, the ways words are written. A token of mixed case beyond ASCII stays as it is:
    /// a graph knows the forms of a word by a table, which cannot hold all mixtures.
    /// </summary>
    public static string Fold(string token)
    {
        var text = LowerAscii(token);
        if (Ascii.IsValid(text)) return text;
        var lower = text.ToLowerInvariant();
        return lower == text || Capitals(lower) == text || CapitalFirst(lower) == text ? lower : text;
    }

    /// <summary>The forms, with ASCII in lower case, that <see cref="Fold"/> makes this token of; itself
    /// first.</summary>
    public static IReadOnlyList<string> Forms(string token) => Ascii.IsValid(token)
        ? [token]
        : [.. new[] { token, Capitals(token), CapitalFirst(token) }.Distinct().Where(form => Fold(form) == token)];

    private static void CutWords(ReadOnlySpan<char> text, List<string> tokens)
    {
        var (start, length, at) = (0, 0, 0);
        foreach (var rune in text.EnumerateRunes())
        {
            if (IsWord(rune))
            {
                if (length++ == 0) start = at;
            }
            else
            {
                if (length > 1) tokens.Add(Fold(text[start..at].ToString()));
                length = 0;
            }

            at += rune.Utf16SequenceLength;
        }

        if (length > 1) tokens.Add(Fold(text[start..].ToString()));
    }

    private static void CutCharacters(ReadOnlySpan<char> text, List<string> tokens)
    {
        foreach (var rune in text.EnumerateRunes())
            tokens.Add(Spaces.Contains(rune.Value) ? " " : Fold(rune.ToString()));
    }

    private static bool IsWord(Rune rune) => rune.IsAscii
        ? char.IsAsciiLetterOrDigit((char)rune.Value) || rune.Value == '_'
        : IsWordCharacter(rune.Value);

    private static string Capitals(string lower) => LowerAscii(lower.ToUpperInvariant());

    private static string CapitalFirst(string lower)
    {
        var first = Rune.GetRuneAt(lower, 0).Utf16SequenceLength;
        return Capitals(lower[..first]) + lower[first..];
    }

    private static string LowerAscii(string text)
    {
        foreach (var c in text)
        {
            if (char.IsAsciiLetterUpper(c)) return string.Create(text.Length, text, static (span, source) =>
            {
                for (var i = 0; i < span.Length; i++)
                    span[i] = char.IsAsciiLetterUpper(source[i]) ? (char)(source[i] | 0x20) : source[i];
            });
        }

        return text;
    }
}
