using System.Collections.Immutable;

namespace Gyre.OnnxRuntime;

/// <summary>An input or output of a session.</summary>
/// <param name="Name">Its name in the graph.</param>
/// <param name="ElementType">The type of its elements; Undefined when it is not a tensor.</param>
/// <param name="Shape">Its dimensions; -1 where free.</param>
public sealed record TensorDescription(string Name, TensorElementType ElementType, ImmutableArray<long> Shape);
