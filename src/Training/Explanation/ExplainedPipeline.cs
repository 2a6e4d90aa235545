using Gyre.Primitives;
using Gyre.Tabular;

namespace Gyre.Training.Explanation;

/// <summary>The trees at the heart of a pipeline, and what makes their features.</summary>
internal sealed record ExplainedPipeline(ExplainedTrees Trees, TreePreprocessing Preprocessing)
{
    /// <summary>Those of a pipeline, without its calibration and behind its transforms; null when it has
    /// none.</summary>
    public static ExplainedPipeline? Of(FittedPipeline pipeline) => pipeline switch
    {
        { Model: CalibratedModel calibrated } => Of(calibrated.Inner),
        { Model: TransformedModel transformed } => Of(transformed.Inner),
        { Model: BoostedTreesModel model, Preprocessing: TreePreprocessing preprocessing } =>
            new ExplainedPipeline(ExplainedTrees.Of(model), preprocessing),
        { Model: ForestModel forest, Preprocessing: TreePreprocessing preprocessing } =>
            new ExplainedPipeline(ExplainedTrees.Of(forest), preprocessing),
        _ => null,
    };

    /// <summary>The rows with the columns that the pipeline's transforms add.</summary>
    public static Table Widen(FittedPipeline pipeline, Table rows) => pipeline.Model switch
    {
        CalibratedModel calibrated => Widen(calibrated.Inner, rows),
        TransformedModel transformed =>
            Widen(transformed.Inner, rows.With(transformed.Transforms.SelectMany(t => t.Apply(rows)))),
        _ => rows,
    };

    public static GyreException Refuse(FittedPipeline pipeline) => GyreException.Invalid(
        $"TreeSHAP explains models of trees; this one is a {pipeline.Model.GetType().Name}. "
        + "SamplingShap estimates contributions to any model's predictions.");
}
