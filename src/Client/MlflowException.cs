using System.Net;

namespace Gyre.Client;

/// <summary>The server refused a request, or could not be reached for longer than the retries last.</summary>
public sealed class MlflowException : Exception
{
    /// <summary>Creates the error.</summary>
    /// <param name="message">The server's message, or what failed on the way.</param>
    /// <param name="errorCode">MLflow's error code, such as <c>RESOURCE_DOES_NOT_EXIST</c>.</param>
    /// <param name="status">The HTTP status; null when there was no answer.</param>
    /// <param name="innerException">The failure beneath, if any.</param>
    public MlflowException(
        string message, string errorCode, HttpStatusCode? status = null, Exception? innerException = null)
        : base(message, innerException) => (ErrorCode, Status) = (errorCode, status);

    /// <summary>MLflow's error code; <c>CONNECTION</c> when there was no answer.</summary>
    public string ErrorCode { get; }

    /// <summary>The HTTP status; null when there was no answer.</summary>
    public HttpStatusCode? Status { get; }

    /// <summary>Whether what was asked for does not exist.</summary>
    public bool IsNotFound => ErrorCode == "RESOURCE_DOES_NOT_EXIST";
}
