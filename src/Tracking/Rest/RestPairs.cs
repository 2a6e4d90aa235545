namespace Gyre.Tracking.Rest;

/// <summary>Lists of <c>{"key": …, "value": …}</c>: tags and parameters.</summary>
internal static class RestPairs
{
    /// <summary>The pairs of a field; an absent value is an empty text.</summary>
    public static List<KeyValuePair<string, string>> Read(RequestFields fields, string name)
    {
        var items = fields.Objects(name);
        var pairs = new List<KeyValuePair<string, string>>(items.Count);
        foreach (var item in items)
            pairs.Add(new(item.RequiredText("key"), item.Text("value") ?? ""));
        return pairs;
    }

    /// <summary>The value of a tag to set, which must be there; it may be empty.</summary>
    public static string RequiredValue(RequestFields fields) =>
        fields.Text("value") ?? throw RequestFields.Missing("value");
}
