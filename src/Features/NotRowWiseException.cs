using Gyre.Primitives;

namespace Gyre.Features;

/// <summary>An expression cannot be computed from one row's own columns; the message is the reason, as a clause.</summary>
internal sealed class NotRowWiseException(string reason) : GyreException(ErrorCode.InvalidInput, reason);
