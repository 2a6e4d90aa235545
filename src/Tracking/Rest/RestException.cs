using Gyre.Primitives;

namespace Gyre.Tracking.Rest;

/// <summary>A failure that MLflow's protocol names more exactly than <see cref="Primitives.ErrorCode"/> does.</summary>
/// <param name="name">MLflow's error code, such as <c>INVALID_STATE</c>.</param>
/// <param name="message">One line for the user.</param>
internal sealed class RestException(string name, string message) : GyreException(RestErrors.CodeOf(name), message)
{
    /// <summary>MLflow's error code.</summary>
    public string Name { get; } = name;

    /// <summary>A value that is missing or wrong: <c>INVALID_PARAMETER_VALUE</c>.</summary>
    public static RestException Parameter(string message) => new(RestErrors.InvalidParameterValue, message);

    /// <summary>What the database's columns refuse: <c>BAD_REQUEST</c>.</summary>
    public static RestException BadRequest(string message) => new(RestErrors.BadRequest, message);
}
