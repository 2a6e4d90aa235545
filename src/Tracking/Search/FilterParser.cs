using System.Collections.Frozen;
using System.Globalization;
using static Gyre.Tracking.Search.ComparisonOperator;

namespace Gyre.Tracking.Search;

/// <summary>
/// Parses a filter: comparisons joined by AND, without OR and parentheses. Time linear in its length.
/// </summary>
internal sealed class FilterParser
{
    /// <summary>More clauses than anybody writes, and far fewer than the databases' limits on one statement.</summary>
    public const int MaxClauses = 200;

    private static readonly FrozenDictionary<string, ComparisonOperator> Symbols =
        new Dictionary<string, ComparisonOperator>
        {
            ["="] = Equal, ["!="] = NotEqual,
            ["<"] = Less, ["<="] = LessOrEqual, [">"] = Greater, [">="] = GreaterOrEqual,
        }.ToFrozenDictionary(StringComparer.Ordinal);

    private readonly SearchGrammar _grammar;
    private readonly FieldResolver _fields;
    private readonly string _text;
    private readonly Lexer _lexer;
    private Token _token;

    private FilterParser(SearchGrammar grammar, string text)
    {
        (_grammar, _text) = (grammar, text);
        _fields = new FieldResolver(grammar, text);
        _lexer = new Lexer(text, grammar.Blame);
        _token = _lexer.Next();
    }

    /// <summary>The clauses of a filter; none when it is null or blank.</summary>
    /// <exception cref="FilterException">It is no filter of this grammar.</exception>
    public static IReadOnlyList<Comparison> Parse(SearchGrammar grammar, string? filter) =>
        string.IsNullOrWhiteSpace(filter) ? [] : new FilterParser(grammar, filter).Clauses();

    private List<Comparison> Clauses()
    {
        var clauses = new List<Comparison>();
        while (true)
        {
            if (clauses.Count == MaxClauses)
                throw At(_token, $"Invalid filter: at most {MaxClauses} comparisons are allowed");
            clauses.Add(Clause());
            if (_token.Kind == TokenKind.End) return clauses;
            if (!_token.Is("AND")) throw NotJoined();
            Advance();
        }
    }

    private Comparison Clause()
    {
        var start = _token;
        if (start.Kind is not (TokenKind.Word or TokenKind.Backticked or TokenKind.Text) || IsKeyword(start))
        {
            throw start.Kind is TokenKind.Number or TokenKind.Text
                ? At(start, $"Invalid comparison clause. Expected 'Identifier' found '{Raw(start)}'")
                : Unexpected(start);
        }

        var field = _fields.Resolve(start);
        Advance();
        var symbol = _token;
        var operation = Operation();
        if (operation is IsNull or IsNotNull)
        {
            if (!_grammar.Nullable.Contains(field.Kind)) throw NotNullable(symbol);
            return new Comparison(field.Kind, field.Key, field.Type, operation, null, start.Offset);
        }

        if (_token.Kind is not (TokenKind.Word or TokenKind.Backticked or TokenKind.Text or TokenKind.Number
            or TokenKind.Open))
        {
            throw Unexpected(_token);
        }

        var value = operation is In or NotIn ? List(field, symbol) : Value(field, symbol, operation);
        return new Comparison(field.Kind, field.Key, field.Type, operation, value, start.Offset);
    }

    private ComparisonOperator Operation()
    {
        var token = _token;
        Advance();
        if (token.Kind == TokenKind.Operator)
        {
            return Symbols.TryGetValue(token.Value, out var known)
                ? known
                : throw At(token, $"Invalid {_grammar.OperatorName} '{token.Value}'");
        }

        if (token.Is("LIKE")) return Like;
        if (token.Is("ILIKE")) return ILike;
        if (token.Is("IN")) return In;
        var negated = token.Is("NOT") || (token.Is("IS") && _token.Is("NOT"));
        if (negated && token.Is("IS")) Advance();
        if (token.Is("NOT") ? !_token.Is("IN") : !token.Is("IS") || !_token.Is("NULL")) throw Unexpected(token);
        Advance();
        return token.Is("NOT") ? NotIn : negated ? IsNotNull : IsNull;
    }

    private object Value(Field field, Token symbol, ComparisonOperator operation)
    {
        var token = _token;
        object value = field.Type == FieldType.Text
            ? TextValue(field, token)
            : token.Kind == TokenKind.Number
                ? Number(field.Type, token)
                : throw At(token, $"Expected numeric value type for {Describe(field)}. Found {Raw(token)}");
        if (!_grammar.Operators(field.Kind, field.Type, field.TakesLists).Contains(operation))
            throw BadOperator(field, symbol);
        Advance();
        return value;
    }

    private string TextValue(Field field, Token token) => token.Kind switch
    {
        TokenKind.Text => token.Value,
        TokenKind.Word when token.Value is "true" or "false" || IsKeyword(token) => throw Unexpected(token),
        TokenKind.Word or TokenKind.Backticked => throw At(token,
            "Parameter value is either not quoted or unidentified quote types used for string value " +
            $"{Raw(token)}. Use either single or double quotes"),
        TokenKind.Open => throw At(token, $"{_grammar.Blame}: a list follows only IN and NOT IN"),
        _ => throw At(token,
            $"Expected a quoted string value for {Describe(field)} (e.g. 'my-value'). Got value {Raw(token)}"),
    };

    private static object Number(FieldType type, Token token)
    {
        if (type == FieldType.Integer
            && long.TryParse(token.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole))
        {
            return whole;
        }

        return double.Parse(token.Value, NumberStyles.Float, CultureInfo.InvariantCulture);
    }

    private string[] List(Field field, Token symbol)
    {
        if (!_grammar.Operators(field.Kind, field.Type, field.TakesLists).Contains(In))
        {
            throw field.Kind == FieldKind.Attribute && field.Type == FieldType.Text
                ? At(symbol, $"{NotAllowed(symbol)}. Only the 'run_id' attribute supports comparison with a list of " +
                    "quoted string values")
                : BadOperator(field, symbol);
        }

        const string Problem = "While parsing a list in the query, expected a non-empty list of string values, but got";
        if (_token.Kind != TokenKind.Open) throw Unexpected(_token);
        Advance();
        if (_token.Kind == TokenKind.Close) throw At(_token, $"{Problem} empty list");
        var values = new List<string>();
        while (true)
        {
            if (_token.Kind != TokenKind.Text)
            {
                throw At(_token, _token.Kind is TokenKind.Number or TokenKind.Word or TokenKind.Backticked
                    ? $"While parsing a list in the query, expected string value, punctuation, or whitespace, " +
                        $"but got different type in list: {Raw(_token)}"
                    : $"{Problem} ill-formed list");
            }

            if (!_grammar.DropsUpperCase || !_token.Value.Any(char.IsUpper)) values.Add(_token.Value);
            Advance();
            if (_token.Kind == TokenKind.Comma)
            {
                Advance();
                if (_token.Kind != TokenKind.Close) continue; // ('a',) is how Python writes a list of one
            }

            if (_token.Kind != TokenKind.Close) throw At(_token, $"{Problem} ill-formed list");
            Advance();
            return [.. values];
        }
    }

    private void Advance() => _token = _lexer.Next();

    private string Raw(Token token) =>
        FilterException.Excerpt(_text.Substring(token.Offset, Math.Min(token.Length, 60)));

    private static bool IsKeyword(Token token) =>
        token.Is("AND") || token.Is("OR") || token.Is("NOT") || token.Is("IN") || token.Is("IS") || token.Is("NULL")
        || token.Is("LIKE") || token.Is("ILIKE");

    private static string Describe(Field field) => field.Kind switch
    {
        FieldKind.Metric => "metric",
        FieldKind.Param => "parameter",
        FieldKind.Tag => "tag",
        FieldKind.Dataset => "dataset attributes",
        _ => field.Type == FieldType.Text ? "attributes" : $"numeric attribute: {field.Key}",
    };

    private string NotAllowed(Token symbol) => $"Invalid {_grammar.OperatorName} '{symbol.Value.ToUpperInvariant()}'";

    private FilterException BadOperator(Field field, Token symbol) => At(symbol,
        $"{NotAllowed(symbol)} for {Describe(field)}, not one of " +
        string.Join(' ', _grammar.Operators(field.Kind, field.Type, field.TakesLists).Select(Symbol)));

    private FilterException NotNullable(Token symbol) => At(symbol, _grammar.Nullable.Count switch
    {
        0 => $"{_grammar.Blame}: IS NULL / IS NOT NULL is not supported here",
        1 => "IS NULL / IS NOT NULL is only supported for tags",
        _ => "IS NULL / IS NOT NULL is only supported for tags and params",
    });

    private FilterException NotJoined()
    {
        if (_token.Kind != TokenKind.Semicolon) return Unexpected(_token);
        var semicolon = _token;
        Advance();
        return _token.Kind == TokenKind.End
            ? Unexpected(semicolon)
            : At(semicolon, "Search filter contained multiple expression. Provide AND-ed expression list");
    }

    private FilterException Unexpected(Token token) =>
        At(token, _grammar.Blame
            + (token.Kind == TokenKind.End ? ": a comparison is incomplete" : $": '{Raw(token)}'"));

    private FilterException At(Token token, string problem) => FilterException.At(_text, token.Offset, problem);

    private static string Symbol(ComparisonOperator operation) => operation switch
    {
        Like => "LIKE",
        ILike => "ILIKE",
        In => "IN",
        NotIn => "NOT IN",
        _ => Symbols.First(symbol => symbol.Value == operation).Key,
    };
}
