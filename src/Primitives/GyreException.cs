namespace Gyre.Primitives;

/// <summary>
/// The outside world failed or the user's input is wrong. The message is one line, names the place and the cause, and
/// is shown to the user as it is. All exceptions that Gyre declares derive from this one.
/// </summary>
public class GyreException : Exception
{
    /// <summary>Creates the error.</summary>
    /// <param name="code">The kind of failure.</param>
    /// <param name="message">One line for the user: the place (file, line, column, setting), then the cause.</param>
    /// <param name="innerException">The failure beneath, if any.</param>
    public GyreException(ErrorCode code, string message, Exception? innerException = null)
        : base(message, innerException) => Code = code;

    /// <summary>The kind of failure.</summary>
    public ErrorCode Code { get; }

    /// <summary>Of a failure that time repairs, how long to wait before trying again; null otherwise.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>True when the user can repair it: the process should exit with 2, a server answer 4xx.</summary>
    public bool IsUserError => Code is not (ErrorCode.Unavailable or ErrorCode.Internal);

    /// <summary>An <see cref="ErrorCode.InvalidInput"/> error.</summary>
    public static GyreException Invalid(string message, Exception? innerException = null) =>
        new(ErrorCode.InvalidInput, message, innerException);

    /// <summary>A <see cref="ErrorCode.NotFound"/> error.</summary>
    public static GyreException NotFound(string message) => new(ErrorCode.NotFound, message);
}
