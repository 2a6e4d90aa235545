using System.Collections.Immutable;
using Gyre.Models;
using Gyre.Primitives;
using Gyre.Serving.Engine;
using Gyre.Tabular;

namespace Gyre.Serving.Slots;

/// <summary>
/// What computes predictions: the seam between serving and a model's runtime. One implementation runs Gyre's packages,
/// one any other ONNX graph; tests put others here that block, fail and count. Thread-safe until disposed.
/// </summary>
internal interface IScorer : IDisposable
{
    /// <summary>The raw columns of a request; none when the model takes <see cref="Tensors"/>.</summary>
    Schema Inputs { get; }

    /// <summary>The tensors of a request; none when the model takes columns.</summary>
    ImmutableArray<InputTensor> Tensors => [];

    /// <summary>
    /// The column of <see cref="Inputs"/> that a request may leave out altogether; null when there is none.
    /// </summary>
    string? OptionalInput => null;

    /// <summary>The classes, or null for tasks without.</summary>
    ClassLabels? Labels { get; }

    /// <summary>Whether what really happens is a number.</summary>
    bool HasNumericTarget => Labels is null;

    /// <summary>The output tensors.</summary>
    ImmutableArray<OutputTensor> Outputs { get; }

    /// <summary>Predicts.</summary>
    /// <param name="inputs"><see cref="TableInputs"/> of <see cref="Inputs"/>, or <see cref="TensorInputs"/> of
    /// <see cref="Tensors"/>.</param>
    ModelOutputs Score(ModelInputs inputs);

    /// <summary>Whether the rows of several requests can be predicted in one run.</summary>
    bool CanJoin => false;

    /// <summary>Predicts several requests in one run; each gets what <see cref="Score"/> gives for it alone.</summary>
    /// <param name="requests">At least one.</param>
    /// <returns>One per request.</returns>
    ModelOutputs[] ScoreJoined(IReadOnlyList<ModelInputs> requests) => [.. requests.Select(Score)];

    /// <summary>
    /// The memory that it takes, in bytes, as well as can be told; with what explains it once that is loaded.
    /// </summary>
    long SizeBytes => 0;

    /// <summary>What explains the predictions, if it is loaded.</summary>
    ModelExplainer? LoadedExplainer => null;

    /// <summary>What explains the predictions, loaded when it is not; disposed with this.</summary>
    /// <exception cref="GyreException">There is nothing that explains them, or it cannot be loaded.</exception>
    ModelExplainer LoadExplainer() => throw GyreException.NotFound(NoExplanation);

    /// <summary>Why a graph from elsewhere is not explained.</summary>
    internal const string NoExplanation = "This version has no explanation: its graph was not made by Gyre.";
}

/// <summary>Loads a version's package.</summary>
/// <param name="folder">The package folder.</param>
internal delegate IScorer ScorerLoader(string folder);
