using Gyre.Primitives;

namespace Gyre.Serving.Requests;

/// <summary>
/// A request that is answered with 400: the client's mistake, named so that the client can repair it.
/// </summary>
internal sealed class RequestRejectedException : GyreException
{
    // A client chooses names and values: what is echoed, logged and stored of them is bounded.
    private const int LongestEcho = 120;

    private RequestRejectedException(RejectionReason reason, string? column, string message, Exception? innerException)
        : base(ErrorCode.InvalidInput, message, innerException) => (Reason, Column) = (reason, column);

    /// <summary>What is wrong.</summary>
    public RejectionReason Reason { get; }

    /// <summary>The column concerned, shortened to 120 characters, or null.</summary>
    public string? Column { get; }

    /// <summary>A mistake in a column, at a row counted from 0.</summary>
    public static RequestRejectedException At(
        RejectionReason reason, string column, int row, string problem, Exception? innerException = null) =>
        new(reason, Shorten(column), $"Column '{Shorten(column)}', row {row}: {problem}", innerException);

    /// <summary>A mistake that concerns a column as a whole.</summary>
    public static RequestRejectedException In(
        RejectionReason reason, string column, string problem, Exception? innerException = null) =>
        new(reason, Shorten(column), $"Column '{Shorten(column)}': {problem}", innerException);

    /// <summary>A mistake that concerns no single column.</summary>
    public static RequestRejectedException Whole(
        RejectionReason reason, string problem, Exception? innerException = null) =>
        new(reason, null, problem, innerException);

    /// <summary>At most 120 characters of what a client sent, control characters replaced.</summary>
    public static string Shorten(string text)
    {
        var shown = text.Length <= LongestEcho ? text : string.Concat(text.AsSpan(0, LongestEcho), "…");
        return shown.Any(char.IsControl) ? string.Concat(shown.Select(c => char.IsControl(c) ? '?' : c)) : shown;
    }
}
