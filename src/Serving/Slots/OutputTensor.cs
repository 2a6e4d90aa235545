using System.Collections.Immutable;
using Gyre.Serving.Requests;

namespace Gyre.Serving.Slots;

/// <summary>An output of a model, as the Open Inference Protocol describes it.</summary>
/// <param name="Name">Its name in the model.</param>
/// <param name="Datatype">The type of its elements.</param>
/// <param name="Width">Elements per row when the shape is [rows, width]; 0 when it is [rows].</param>
internal sealed record OutputTensor(string Name, TensorDatatype Datatype, int Width)
{
    public const string Prediction = "prediction";
    public const string Label = "label";
    public const string Probabilities = "probabilities";

    /// <summary>Its dimensions, -1 where they vary, such as the number of rows.</summary>
    public ImmutableArray<long> Shape { get; init; } = Width > 0 ? [-1, Width] : [-1];
}

/// <summary>An input of a model that takes tensors.</summary>
/// <param name="Name">Its name in the model.</param>
/// <param name="Datatype">The type of its elements.</param>
/// <param name="Shape">Its dimensions, -1 where they vary; empty for a scalar.</param>
internal sealed record InputTensor(string Name, TensorDatatype Datatype, ImmutableArray<long> Shape)
{
    /// <summary>Whether tensors of this shape are what the model takes.</summary>
    public bool Fits(ReadOnlySpan<long> shape)
    {
        if (shape.Length != Shape.Length) return false;
        for (var i = 0; i < shape.Length; i++)
        {
            if (Shape[i] >= 0 && Shape[i] != shape[i]) return false;
        }

        return true;
    }
}
