using System.Text.Json;

namespace Gyre.Serving.Requests;

/// <summary>
/// Walks data that is flat or nested exactly as a shape says. The first scalar decides which; anything between is
/// ragged.
/// </summary>
internal static class NestedArrays
{
    /// <summary>Reads all elements.</summary>
    /// <param name="header">The tensor's, for messages.</param>
    /// <param name="json">Stands on the outermost beginning; on its end afterwards.</param>
    /// <param name="elements">Takes the elements.</param>
    /// <param name="count">How many there are.</param>
    /// <exception cref="RequestRejectedException">The arrays are not those of the shape.</exception>
    public static void Read(
        ref TensorHeader header, scoped ref Utf8JsonReader json, scoped ref ElementBuffer elements, long count)
    {
        var shape = header.Shape;
        // How many parts each open array has so far; a reader's greatest depth bounds it.
        Span<long> parts = stackalloc long[JsonBody.MaximumDepth];
        var scalarDepth = 0;
        for (var depth = 1; depth > 0;)
        {
            JsonBody.Next(ref json);
            switch (json.TokenType)
            {
                case JsonTokenType.StartArray:
                    parts[depth - 1]++;
                    if (depth >= Math.Max(1, shape.Length) || (scalarDepth > 0 && depth >= scalarDepth)) throw Ragged(header);
                    parts[depth++] = 0;
                    break;
                case JsonTokenType.EndArray:
                    depth--;
                    if (scalarDepth != 1 && shape.Length > 1 && parts[depth] != shape[depth]) throw Ragged(header);
                    break;
                default:
                    if (scalarDepth == 0) scalarDepth = depth;
                    if (depth != scalarDepth || (depth != 1 && depth != shape.Length)) throw Ragged(header);
                    parts[depth - 1]++;
                    if (elements.Count == count)
                        throw header.Reject(RejectionReason.BadShape, $"the data has more than the {count} elements of its shape");
                    elements.Add(header, ref json);
                    header.Row = elements.Count;
                    break;
            }
        }
    }

    private static RequestRejectedException Ragged(in TensorHeader header) => header.Reject(RejectionReason.BadShape,
        $"the data is neither flat nor nested as the shape {TensorShape.Describe(header.Shape)} says, at element {header.Row}");
}
