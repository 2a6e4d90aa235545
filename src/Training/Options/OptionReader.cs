using System.Globalization;
using Gyre.Primitives;

namespace Gyre.Training;

/// <summary>
/// Reads hyperparameters from text, as a pipeline file gives them. Refuses what it does not know: the error names the
/// trainer, the key, the value and what is allowed.
/// </summary>
internal sealed class OptionReader(string trainer, IReadOnlyDictionary<string, string> values)
{
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);

    public int Integer(string key, int fallback, int least, int most)
    {
        if (!TryFind(key, out var text)) return fallback;
        return int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
            && value >= least && value <= most
                ? value
                : throw Refuse(key, text, $"a whole number from {Show(least)} to {Show(most)}");
    }

    public double Number(string key, double fallback, double least, double most, bool exclusiveLeast = false)
    {
        if (!TryFind(key, out var text)) return fallback;
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
            && (exclusiveLeast ? value > least : value >= least) && value <= most
                ? value
                : throw Refuse(key, text, exclusiveLeast
                    ? $"a number above {Show(least)} up to {Show(most)}"
                    : $"a number from {Show(least)} to {Show(most)}");
    }

    public bool Flag(string key, bool fallback)
    {
        if (!TryFind(key, out var text)) return fallback;
        return bool.TryParse(text, out var value) ? value : throw Refuse(key, text, "true or false");
    }

    /// <summary>Whether a value is given, rather than left to follow from the task.</summary>
    public bool Asks(string key) => TryFind(key, out var text) && text != OptionText.Auto;

    /// <summary>One of a list of words; null where the key is absent.</summary>
    public string? Choice(string key, IReadOnlyCollection<string> allowed)
    {
        if (!TryFind(key, out var text)) return null;
        return allowed.Contains(text) ? text : throw Refuse(key, text, $"one of {string.Join(", ", allowed)}");
    }

    /// <summary>A text that has a form of its own; the fallback where the key is absent.</summary>
    /// <param name="key">The option.</param>
    /// <param name="fallback">What an absent option means.</param>
    /// <param name="parse">Reads the text; null when it is not of the form.</param>
    /// <param name="form">The form, for the message.</param>
    public T Parsed<T>(string key, T fallback, Func<string, T?> parse, string form)
        where T : class =>
        TryFind(key, out var text) ? parse(text) ?? throw Refuse(key, text, form) : fallback;

    /// <summary>A whole number, or null for a missing key or the word that says so.</summary>
    public int? OptionalInteger(string key, string none, int least, int most)
    {
        if (!TryFind(key, out var text) || text == none) return null;
        return Integer(key, 0, least, most);
    }

    /// <summary>A number, or null for a missing key or the word that says so.</summary>
    public double? OptionalNumber(string key, string none, double least, double most)
    {
        if (!TryFind(key, out var text) || text == none) return null;
        return Number(key, 0, least, most);
    }

    /// <summary>Two whole numbers with a hyphen between them, the lesser first, or one for both.</summary>
    public (int Least, int Most) Range(string key, (int Least, int Most) fallback, int least, int most)
    {
        if (!TryFind(key, out var text)) return fallback;
        var parts = text.Split('-');
        return parts.Length <= 2
            && int.TryParse(parts[0], NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var low)
            && int.TryParse(parts[^1], NumberStyles.AllowLeadingWhite, CultureInfo.InvariantCulture, out var high)
            && least <= low && low <= high && high <= most
                ? (low, high)
                : throw Refuse(
                    key, text, $"a range such as {Show(least)}-{Show(least + 1)}, within {Show(least)}-{Show(most)}");
    }

    /// <summary>To be called last: refuses keys that nobody asked for.</summary>
    public void RefuseUnknown()
    {
        var unknown = values.Keys.Where(key => !_known.Contains(key)).Order(StringComparer.Ordinal).FirstOrDefault();
        if (unknown is null) return;
        var allowed = _known.Count == 0
            ? "it has none"
            : $"it has {string.Join(", ", _known.Order(StringComparer.Ordinal))}";
        throw GyreException.Invalid($"Trainer '{trainer}' has no option '{unknown}'; {allowed}.");
    }

    private bool TryFind(string key, out string text)
    {
        _known.Add(key);
        var found = values.TryGetValue(key, out var value);
        text = value ?? "";
        return found;
    }

    private GyreException Refuse(string key, string text, string allowed) =>
        GyreException.Invalid($"Trainer '{trainer}', option '{key}': '{text}' is not {allowed}.");

    private static string Show(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
