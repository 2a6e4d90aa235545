using Gyre.Primitives;

namespace Gyre.Tracking.Search;

/// <summary>
/// A filter, an order or a page token that cannot be understood; the message shows the offending place.
/// </summary>
internal sealed class FilterException : GyreException
{
    private const int Shown = 40;

    private FilterException(string message, int offset)
        : base(Primitives.ErrorCode.InvalidInput, message) => Offset = offset;

    /// <summary>
    /// Where in the text the mistake begins, from 0; the text's length when something is missing at its end.
    /// </summary>
    public int Offset { get; }

    public static FilterException At(string text, int offset, string problem)
    {
        offset = Math.Clamp(offset, 0, text.Length);
        var place = offset == text.Length ? "at its end" : $"at character {offset + 1}: {Excerpt(text, offset)}";
        return new FilterException($"{problem} ({place})", offset);
    }

    public static FilterException Of(string problem) => new(problem, 0);

    /// <summary>A piece of the user's text, cut to what a message can bear and printable on one line.</summary>
    public static string Excerpt(string text, int offset = 0)
    {
        var piece = text.AsSpan(offset, Math.Min(Shown, text.Length - offset)).ToString();
        var line = string.Concat(piece.Select(c => char.IsControl(c) || char.IsSurrogate(c) ? '?' : c));
        return offset + Shown < text.Length ? line + "..." : line;
    }
}
