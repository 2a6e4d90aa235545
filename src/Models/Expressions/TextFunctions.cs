using System.Text;
using System.Text.RegularExpressions;

namespace Gyre.Models.Expressions;

/// <summary>
/// Functions of texts. Patterns must be constants; they become regular expressions of RE2, which the engine uses.
/// </summary>
internal sealed class TextFunctions(GraphMath math, Conversions conversions)
{
    /// <summary>`||`: NULL when either is.</summary>
    public Operand Concatenate(Operand a, Operand b)
    {
        (a, b) = (conversions.ToText(a), conversions.ToText(b));
        return new Operand(math.Concatenate(a.Name, b.Name), OperandType.Text,
            conversions.OrNull(a.Null, b.Null), a.PerRow || b.PerRow);
    }

    /// <summary>LIKE: `%` stands for any text, `_` for one character.</summary>
    public Operand Like(string name, Operand text, Operand pattern)
    {
        var expression = new StringBuilder();
        foreach (var rune in Constant(name, pattern).EnumerateRunes())
        {
            expression.Append(rune.Value switch
            {
                '%' => ".*",
                '_' => ".",
                _ => Escape(rune.ToString()),
            });
        }

        return Matches(name, text, expression.ToString());
    }

    /// <summary>Whether a constant stands in the text, between two parts of a pattern.</summary>
    public Operand Contains(string name, Operand text, Operand part, string before, string after) =>
        Matches(name, text, before + Escape(Constant(name, part)) + after);

    private Operand Matches(string name, Operand text, string pattern)
    {
        if (text.Type == OperandType.Unknown) return conversions.Null(OperandType.Truth);
        if (text.Type != OperandType.Text)
            throw new UnsupportedExpressionException($"{name} of {text.Type} is not supported");
        const string dotMatchesNewline = "(?s)";
        return text with
        {
            Name = math.Matches(text.Name, dotMatchesNewline + pattern), Type = OperandType.Truth, Literal = null,
        };
    }

    private static string Constant(string name, Operand pattern) => pattern.Literal as string
        ?? throw new UnsupportedExpressionException($"{name} needs a constant text to look for");

    /// <summary>Punctuation behind a backslash is itself in every dialect of regular expressions.</summary>
    private static string Escape(string text) =>
        Regex.Replace(text, "[\\x21-\\x2f\\x3a-\\x40\\x5b-\\x60\\x7b-\\x7e]", @"\$0");
}
