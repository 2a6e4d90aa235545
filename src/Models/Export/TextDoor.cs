using Gyre.Models.Expressions;
using Gyre.Primitives;

namespace Gyre.Models.Export;

/// <summary>How text reaches a model: the empty string stands for a missing value.</summary>
internal static class TextDoor
{
    /// <exception cref="GyreException">The column is no text.</exception>
    public static string Value(GraphMath math, Operand operand, string column)
    {
        if (operand.Type != OperandType.Text)
            throw GyreException.Invalid($"Column '{column}' is {operand.Type}; the model needs categories there.");

        // A raw column's own text is empty where missing already; its mask was made from that.
        return operand.Null is null || operand.Name == column
            ? operand.Name
            : math.Where(operand.Null, math.Text(""), operand.Name);
    }
}
