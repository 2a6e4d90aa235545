using Gyre.Primitives;

namespace Gyre.Models.Expressions;

/// <summary>
/// An expression that the served graph cannot compute; the message is the reason, without the column's name.
/// </summary>
internal sealed class UnsupportedExpressionException(string reason) : GyreException(ErrorCode.InvalidInput, reason);
