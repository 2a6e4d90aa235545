using Gyre.Primitives;

namespace Gyre.Serving;

/// <summary>
/// Whether a request may be about a model, asked as soon as the protocol has told which one. The host sets it as a
/// feature of a request's <c>HttpContext</c> where the caller may use certain models only. Thread-safe.
/// </summary>
public interface IModelAccess
{
    /// <summary>Demands that the model may be used.</summary>
    /// <exception cref="GyreException">It may not; <see cref="ErrorCode.Forbidden"/>.</exception>
    void Demand(string model);
}
