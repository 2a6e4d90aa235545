namespace Gyre.Tracking.Search;

internal enum TokenKind
{
    /// <summary>A word, dotted or with quoted parts: <c>metrics.loss</c>, <c>tags.`a b`</c>, <c>AND</c>.</summary>
    Word,

    /// <summary>A text in single or double quotes. In double quotes it may also be a name.</summary>
    Text,

    /// <summary>A name in backticks alone.</summary>
    Backticked,

    Number,

    /// <summary>A run of <c>&lt; &gt; = ! ~</c>, known or not.</summary>
    Operator,

    Open,
    Close,
    Comma,
    Semicolon,
    End,
}

/// <summary>A piece of a filter.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Offset">Where it begins.</param>
/// <param name="Length">How long it is in the text, quotes included.</param>
/// <param name="Value">
/// The text without quotes; of a word with a dot what follows the first dot, without quotes; else as written.
/// </param>
/// <param name="Prefix">Of a word with a dot what stands before the first dot, without backticks; else null.</param>
internal readonly record struct Token(TokenKind Kind, int Offset, int Length, string Value, string? Prefix = null)
{
    /// <summary>True for that keyword, in any case; a quoted or dotted word is none.</summary>
    public bool Is(string keyword) =>
        Kind == TokenKind.Word && Prefix is null && Value.Equals(keyword, StringComparison.OrdinalIgnoreCase);
}
