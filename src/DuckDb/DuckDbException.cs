using Gyre.Primitives;

namespace Gyre.DuckDb;

/// <summary>DuckDB refused or failed. The message is the engine's own, put on one line.</summary>
public sealed class DuckDbException : GyreException
{
    internal DuckDbException(string engineMessage, ErrorCode code = ErrorCode.InvalidInput)
        : base(code, OneLine(engineMessage)) => EngineMessage = engineMessage;

    /// <summary>The engine's message as it came, often of several lines.</summary>
    public string EngineMessage { get; }

    internal static DuckDbException From(nint message) =>
        From(System.Runtime.InteropServices.Marshal.PtrToStringUTF8(message) ?? "DuckDB gave no reason.");

    internal static DuckDbException From(string message) => new(message, CodeOf(message));

    // The engine begins its messages with the kind of failure: "IO Error: …", "Out of Memory Error: …".
    private static ErrorCode CodeOf(string message) => message switch
    {
        _ when message.StartsWith("INTERNAL Error", StringComparison.Ordinal) => ErrorCode.Internal,
        _ when message.StartsWith("IO Error", StringComparison.Ordinal) => ErrorCode.Unavailable,
        _ when message.StartsWith("Out of Memory Error", StringComparison.Ordinal) => ErrorCode.Unavailable,
        _ => ErrorCode.InvalidInput,
    };

    private static string OneLine(string message) => string.Join(
        "; ", message.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
}
