using System.Data.Common;
using System.Text.Json;
using Gyre.Primitives;
using Gyre.Tracking.Storage;
using Microsoft.AspNetCore.Http;

namespace Gyre.Tracking.Rest;

/// <summary>MLflow's error codes, their HTTP statuses and the answer that carries them.</summary>
internal static class RestErrors
{
    public const string InvalidParameterValue = "INVALID_PARAMETER_VALUE";
    public const string BadRequest = "BAD_REQUEST";
    public const string AlreadyExists = "RESOURCE_ALREADY_EXISTS";
    public const string DoesNotExist = "RESOURCE_DOES_NOT_EXIST";
    public const string InvalidState = "INVALID_STATE";
    public const string NotImplemented = "NOT_IMPLEMENTED";
    public const string TemporarilyUnavailable = "TEMPORARILY_UNAVAILABLE";
    public const string InternalError = "INTERNAL_ERROR";

    public static ErrorCode CodeOf(string name) => name switch
    {
        InvalidParameterValue or BadRequest => ErrorCode.InvalidInput,
        AlreadyExists => ErrorCode.AlreadyExists,
        DoesNotExist => ErrorCode.NotFound,
        InvalidState => ErrorCode.Conflict,
        NotImplemented => ErrorCode.Refused,
        TemporarilyUnavailable => ErrorCode.Unavailable,
        _ => ErrorCode.Internal,
    };

    /// <summary>The protocol's name of a failure.</summary>
    public static string NameOf(Exception failure) => failure switch
    {
        RestException rest => rest.Name,
        GyreException { Code: ErrorCode.AlreadyExists } => AlreadyExists,
        GyreException { Code: ErrorCode.NotFound } => DoesNotExist,
        GyreException { Code: ErrorCode.Unavailable } => TemporarilyUnavailable,
        DbException when DatabaseErrors.IsPassing(failure) => TemporarilyUnavailable,
        GyreException { IsUserError: true } or BadHttpRequestException => InvalidParameterValue,
        _ => InternalError,
    };

    public static int StatusOf(string name) => name switch
    {
        InvalidParameterValue or BadRequest or AlreadyExists => StatusCodes.Status400BadRequest,
        DoesNotExist => StatusCodes.Status404NotFound,
        NotImplemented => StatusCodes.Status501NotImplemented,
        TemporarilyUnavailable => StatusCodes.Status503ServiceUnavailable,
        _ => StatusCodes.Status500InternalServerError,
    };

    /// <summary>Answers with <c>{"error_code": …, "message": …}</c>.</summary>
    public static Task WriteAsync(HttpContext context, string name, string message) =>
        RestAnswer.SendAsync(context, StatusOf(name), json =>
        {
            json.WriteString("error_code", name);
            json.WriteString("message", message);
        });

    /// <summary>The message for the client: ours are shown as they are, an unexpected one stays in the log.</summary>
    public static string MessageOf(Exception failure) => failure switch
    {
        GyreException or BadHttpRequestException => failure.Message,
        DbException when DatabaseErrors.IsPassing(failure) =>
            "The database does not answer now; the server's log has the details.",
        _ => "An unexpected error; the server's log has the details.",
    };
}
