namespace Gyre.Tracking.Search;

/// <summary>Cuts a filter or an order into tokens, one at a time, in time linear in its length.</summary>
/// <param name="text">What is cut.</param>
/// <param name="blame">How a message about it begins.</param>
internal sealed class Lexer(string text, string blame)
{
    private int _at;

    public string Text => text;

    public Token Next()
    {
        while (_at < text.Length && char.IsWhiteSpace(text[_at])) _at++;
        if (_at == text.Length) return new Token(TokenKind.End, _at, 0, "");
        var first = text[_at];
        return first switch
        {
            '(' => Symbol(TokenKind.Open),
            ')' => Symbol(TokenKind.Close),
            ',' => Symbol(TokenKind.Comma),
            ';' => Symbol(TokenKind.Semicolon),
            '\'' or '"' => QuotedText(first),
            '<' or '>' or '=' or '!' or '~' => Operator(),
            '-' or '.' => Number(),
            _ when char.IsAsciiDigit(first) => Number(),
            _ when first == '`' || IsWordPart(first) => Word(),
            _ => throw Bad(_at),
        };
    }

    private static bool IsWordPart(char letter) => char.IsLetterOrDigit(letter) || letter is '_' or '$' or '#' or '@';

    private Token Symbol(TokenKind kind) => new(kind, _at, 1, text[_at++].ToString());

    private Token Operator()
    {
        var start = _at;
        while (_at < text.Length && text[_at] is '<' or '>' or '=' or '!' or '~') _at++;
        return new Token(TokenKind.Operator, start, _at - start, text[start.._at]);
    }

    private Token QuotedText(char quote)
    {
        var start = _at;
        var value = Quoted(quote);
        return new Token(TokenKind.Text, start, _at - start, value);
    }

    /// <summary>Reads up to the closing quote; a doubled quote stands for itself, as in SQL.</summary>
    private string Quoted(char quote)
    {
        var start = _at++;
        var doubled = false;
        while (true)
        {
            var end = _at < text.Length ? text.IndexOf(quote, _at) : -1;
            if (end < 0) throw Unclosed(start);
            _at = end + 1;
            if (_at == text.Length || text[_at] != quote) break;
            doubled = true;
            _at++;
        }

        CheckStorable(start, _at);
        var value = text[(start + 1)..(_at - 1)];
        return doubled ? value.Replace($"{quote}{quote}", quote.ToString(), StringComparison.Ordinal) : value;
    }

    // No database stores U+0000 or half a surrogate pair in a text, and PostgreSQL refuses to compare with one.
    private void CheckStorable(int start, int end)
    {
        for (var i = start; i < end; i++)
        {
            var letter = text[i];
            if (letter == '\0') throw Bad(i);
            if (!char.IsSurrogate(letter)) continue;
            if (i + 1 >= end || !char.IsSurrogatePair(letter, text[i + 1])) throw Bad(i);
            i++;
        }
    }

    private Token Number()
    {
        var start = _at;
        if (text[_at] == '-') _at++;
        var digits = Digits();
        if (_at < text.Length && text[_at] == '.')
        {
            _at++;
            digits += Digits();
        }

        if (digits == 0) throw Bad(start);
        if (_at < text.Length && text[_at] is 'e' or 'E') Exponent(start);
        if (_at < text.Length && (IsWordPart(text[_at]) || text[_at] is '.' or '`')) throw Bad(start);
        return new Token(TokenKind.Number, start, _at - start, text[start.._at]);
    }

    private void Exponent(int start)
    {
        _at++;
        if (_at < text.Length && text[_at] is '+' or '-') _at++;
        if (Digits() == 0) throw Bad(start);
    }

    private int Digits()
    {
        var start = _at;
        while (_at < text.Length && char.IsAsciiDigit(text[_at])) _at++;
        return _at - start;
    }

    private Token Word()
    {
        var start = _at;
        var backticked = text[_at] == '`';
        var first = backticked ? Quoted('`') : Plain(dots: false);
        if (_at == text.Length || text[_at] != '.')
        {
            RequireEnd(start);
            return new Token(backticked ? TokenKind.Backticked : TokenKind.Word, start, _at - start, first);
        }

        _at++;
        if (_at == text.Length) throw Bad(start);
        var key = text[_at] is '`' or '"' ? Quoted(text[_at]) : Plain(dots: true);
        if (key.Length == 0) throw Bad(start);
        RequireEnd(start);
        return new Token(TokenKind.Word, start, _at - start, key, first);
    }

    private string Plain(bool dots)
    {
        var start = _at;
        while (_at < text.Length && (IsWordPart(text[_at]) || (dots && text[_at] == '.'))) _at++;
        return text[start.._at];
    }

    private void RequireEnd(int start)
    {
        if (_at == text.Length) return;
        if (text[_at] is '`' or '"' or '\'' or '.' || IsWordPart(text[_at])) throw Bad(start);
    }

    private FilterException Unclosed(int start) => FilterException.At(
        text, start, $"{blame}: '{FilterException.Excerpt(text, start)}' has no closing quote");

    private FilterException Bad(int at) => FilterException.At(
        text, at, $"{blame}: '{FilterException.Excerpt(text, at)}'");
}
