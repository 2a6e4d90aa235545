using Gyre.Models;
using Gyre.Serving.Slots;

namespace Gyre.Serving.Explanation;

/// <summary>Predictions and what made them, before a protocol writes them.</summary>
/// <param name="Outputs">What the model said.</param>
/// <param name="Contributions">What every column added to the model's scores; of the same rows.</param>
/// <param name="Explainer">What explained them: columns, units.</param>
internal readonly record struct ExplainedPrediction(
    ModelOutputs Outputs, Contributions Contributions, ModelExplainer Explainer);
