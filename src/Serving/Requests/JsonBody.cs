using System.Text.Json;

namespace Gyre.Serving.Requests;

/// <summary>What all readers of request bodies share: options, and what a failure of the JSON reader means.</summary>
internal static class JsonBody
{
    /// <summary>How deep bodies may be nested.</summary>
    public const int MaximumDepth = 32;

    /// <summary>A reader over a whole body; a byte order mark is skipped.</summary>
    public static Utf8JsonReader Open(ReadOnlySpan<byte> body) =>
        new(WithoutMark(body), new JsonReaderOptions { MaxDepth = MaximumDepth });

    /// <summary>A body without the byte order mark that it may begin with.</summary>
    public static ReadOnlySpan<byte> WithoutMark(ReadOnlySpan<byte> body) =>
        body.StartsWith("\uFEFF"u8) ? body[3..] : body;

    /// <summary>Moves to the next token.</summary>
    public static void Next(ref Utf8JsonReader json)
    {
        if (!json.Read()) throw RequestRejectedException.Whole(RejectionReason.BadJson, "The JSON ends too early.");
    }

    /// <summary>Demands that the reader stands on a token.</summary>
    public static void Expect(ref Utf8JsonReader json, JsonTokenType token, string what)
    {
        if (json.TokenType != token) throw RequestRejectedException.Whole(RejectionReason.BadJson, $"Expected {what}.");
    }

    /// <summary>Demands that nothing follows the value just read.</summary>
    public static void ExpectEnd(ref Utf8JsonReader json)
    {
        if (json.Read()) throw RequestRejectedException.Whole(RejectionReason.BadJson, "More follows the JSON value.");
    }

    /// <summary>
    /// What a failure while reading means to the client. NaN and the infinities are no JSON: they fail as syntax, and
    /// are recognised here by the bytes that the reader stopped at.
    /// </summary>
    /// <param name="json">The reader as the failure left it.</param>
    /// <param name="body">What it reads.</param>
    /// <param name="column">The column being read, or null.</param>
    /// <param name="row">Its row.</param>
    /// <param name="failure">
    ///  The failure: <see cref="JsonException"/>, or <see cref="InvalidOperationException"/>, which the reader throws
    /// for text that is no UTF-8 and for halves of surrogate pairs.
    /// </param>
    public static RequestRejectedException Explain(
        ref Utf8JsonReader json, ReadOnlySpan<byte> body, string? column, int row, Exception failure)
    {
        body = WithoutMark(body);
        var rest = body[(int)Math.Min(json.BytesConsumed, body.Length)..].TrimStart(" \t\r\n:,["u8);
        if (NotFiniteText.Starts(rest))
        {
            const string Problem = "not a finite number; send null for a missing value";
            return column is null
                ? RequestRejectedException.Whole(RejectionReason.NotFinite, $"A value is {Problem}.", failure)
                : RequestRejectedException.At(RejectionReason.NotFinite, column, row, Problem, failure);
        }

        var problem = failure is JsonException ? FirstSentence(failure.Message) : "The text is not valid UTF-8.";
        return column is null
            ? RequestRejectedException.Whole(RejectionReason.BadJson, $"The body is not JSON: {problem}", failure)
            : RequestRejectedException.At(RejectionReason.BadJson, column, row, $"not JSON: {problem}", failure);
    }

    private static string FirstSentence(string message) =>
        message.IndexOf(". ", StringComparison.Ordinal) is var end and > 0 ? message[..(end + 1)] : message;
}
