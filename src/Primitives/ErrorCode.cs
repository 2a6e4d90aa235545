namespace Gyre.Primitives;

/// <summary>What kind of failure a <see cref="GyreException"/> reports; hosts map it to an exit code or HTTP status.</summary>
public enum ErrorCode
{
    /// <summary>The user's input is wrong: a file, a setting, a request. Exit code 2, HTTP 400.</summary>
    InvalidInput,

    /// <summary>The thing named does not exist. Exit code 2, HTTP 404.</summary>
    NotFound,

    /// <summary>The thing named exists already. Exit code 2, HTTP 409.</summary>
    AlreadyExists,

    /// <summary>The request contradicts the present state, such as a second run while one is under way. Exit code 2, HTTP 409.</summary>
    Conflict,

    /// <summary>A check refused the result: contract, parity. The input was readable. Exit code 2, HTTP 422.</summary>
    Refused,

    /// <summary>The caller may not do this. Exit code 2, HTTP 403.</summary>
    Forbidden,

    /// <summary>A native engine or the operating system failed. Exit code 1, HTTP 503.</summary>
    Unavailable,

    /// <summary>A defect of this program. Exit code 1, HTTP 500.</summary>
    Internal,
}
