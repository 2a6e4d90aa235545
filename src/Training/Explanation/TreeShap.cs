using Gyre.Primitives;
using Gyre.Tabular;
using Gyre.Training.Explanation;

namespace Gyre.Training;

/// <summary>
/// Exact Shapley values of tree models, path-dependent: what a feature outside a coalition does is averaged over the
/// training rows that passed its splits (Lundberg, Erion and Lee 2018, "Consistent Individualized Feature Attribution
/// for Tree Ensembles", algorithm 2). Thread-safe; the number of threads does not change a digit.
/// </summary>
public static class TreeShap
{
    /// <summary>Whether a pipeline's model is made of trees: boosted ones or a forest, calibrated or not, behind
    /// transforms
    /// or not.</summary>
    public static bool CanExplain(FittedPipeline pipeline)
    {
        ArgumentNullException.ThrowIfNull(pipeline);
        return ExplainedPipeline.Of(pipeline) is not null;
    }

    /// <summary>
    /// Explains every row of a table: of a calibrated model, the scores before calibration; of a forest, the prediction
    /// itself; with transforms, by the columns that the trees see, those that transforms add among them.
    /// </summary>
    /// <param name="pipeline">A pipeline of trees.</param>
    /// <param name="rows">A table with its input columns.</param>
    /// <param name="threads">The most threads to use, at least 1.</param>
    /// <param name="cancellationToken">Stops between trees.</param>
    /// <exception cref="GyreException">The model is not made of trees, or an input column is absent.</exception>
    public static ShapExplanation Explain(
        FittedPipeline pipeline, Table rows, int threads = 1, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(pipeline);
        ArgumentNullException.ThrowIfNull(rows);
        var trees = ExplainedPipeline.Of(pipeline) ?? throw ExplainedPipeline.Refuse(pipeline);
        return Explain(trees, ExplainedPipeline.Widen(pipeline, rows), threads, cancellationToken);
    }

    /// <summary>Explains every row of a table by a model of trees.</summary>
    /// <param name="model">The trees.</param>
    /// <param name="preprocessing">What makes their features.</param>
    /// <param name="rows">A table with the features' columns.</param>
    /// <param name="threads">The most threads to use, at least 1.</param>
    /// <param name="cancellationToken">Stops between trees.</param>
    /// <exception cref="GyreException">A column is absent or of another kind.</exception>
    public static ShapExplanation Explain(
        BoostedTreesModel model, TreePreprocessing preprocessing, Table rows, int threads = 1,
        CancellationToken cancellationToken = default) =>
        Explain(new ExplainedPipeline(ExplainedTrees.Of(model), preprocessing), rows, threads, cancellationToken);

    /// <summary>The scores of every row, before the link, as the pipeline's own preprocessing and trees give
    /// them.</summary>
    /// <param name="pipeline">A pipeline of trees.</param>
    /// <param name="rows">A table with its input columns.</param>
    /// <returns>Row-major, rows × outputs.</returns>
    /// <exception cref="GyreException">The model is not made of trees, or an input column is absent.</exception>
    public static double[] Scores(FittedPipeline pipeline, Table rows)
    {
        ArgumentNullException.ThrowIfNull(pipeline);
        ArgumentNullException.ThrowIfNull(rows);
        var trees = ExplainedPipeline.Of(pipeline) ?? throw ExplainedPipeline.Refuse(pipeline);
        return trees.Trees.Scores(trees.Preprocessing.Encode(ExplainedPipeline.Widen(pipeline, rows)), rows.RowCount);
    }

    private static ShapExplanation Explain(
        ExplainedPipeline model, Table rows, int threads, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        var columns = model.Preprocessing.Encode(rows);
        var explainer = new TreeExplainer(model.Trees);
        return new ShapExplanation([.. model.Preprocessing.Features.Select(f => f.Label)], explainer.BaseValues,
            explainer.Explain(columns, rows.RowCount, threads, cancellationToken), model.Trees.Link);
    }
}
