using System.Collections.Frozen;

namespace Gyre.Tracking.Search;

/// <summary>A field that a filter or an order names.</summary>
internal readonly record struct Field(FieldKind Kind, string Key, FieldType Type, bool TakesLists);

/// <summary>Finds out what a word of a filter or an order means.</summary>
internal sealed class FieldResolver(SearchGrammar grammar, string text)
{
    private static readonly string[] DatasetKeys = ["name", "digest", "context"];

    public Field Resolve(Token token) => Resolve(token, grammar.Attributes, "Invalid attribute key");

    /// <summary>As in a filter, with the attributes of an order.</summary>
    /// <param name="token">The word.</param>
    /// <param name="badAttribute">How the message about an unknown attribute begins.</param>
    public Field ResolveOrder(Token token, string badAttribute) => Resolve(token, grammar.Orderable, badAttribute);

    private Field Resolve(Token token, FrozenDictionary<string, AttributeRule> attributes, string badAttribute)
    {
        var (prefix, key) = (token.Prefix, token.Value);
        if (prefix is null && key.Contains('.', StringComparison.Ordinal)) // a dot inside quotes also ends the entity
            prefix = key[..key.IndexOf('.', StringComparison.Ordinal)];
        var kind = prefix is null ? FieldKind.Attribute : Entity(token, prefix);
        switch (kind)
        {
            case FieldKind.Attribute:
                if (attributes.TryGetValue(key, out var rule))
                    return new Field(kind, rule.Name, rule.Type, rule.TakesLists);
                throw At(token, $"{badAttribute} '{FilterException.Excerpt(key)}' specified. Valid keys are " +
                    Quoted(attributes.Keys.Order(StringComparer.Ordinal)));
            case FieldKind.Dataset when !DatasetKeys.Contains(key):
                throw At(token, $"Invalid dataset key '{FilterException.Excerpt(key)}' specified. Valid keys are " +
                    Quoted(DatasetKeys));
            case FieldKind.Metric:
                return new Field(kind, key, FieldType.Real, false);
            default:
                return new Field(kind, key, FieldType.Text, kind == FieldKind.Dataset);
        }
    }

    private FieldKind Entity(Token token, string prefix) =>
        token.Prefix is not null && grammar.Entities.TryGetValue(prefix, out var kind)
            ? kind
            : throw At(token, $"Invalid entity type '{FilterException.Excerpt(prefix)}'. Valid values are " +
                Quoted(grammar.Entities.Keys.Order(StringComparer.Ordinal)));

    private static string Quoted(IEnumerable<string> names) => string.Join(", ", names.Select(name => $"'{name}'"));

    private FilterException At(Token token, string problem) => FilterException.At(text, token.Offset, problem);
}
