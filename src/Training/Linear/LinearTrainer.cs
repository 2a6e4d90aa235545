using System.Collections.Immutable;
using Gyre.Numerics;
using Gyre.Tabular;

namespace Gyre.Training;

/// <summary>
/// Linear models with L2: ridge regression, logistic regression, or softmax regression for multiclass. Brings its own
/// preprocessing (<see cref="LinearPreprocessing"/>). Validation rows are not used.
/// </summary>
public sealed class LinearTrainer : ITrainer
{
    internal const string TrainerName = "linear";

    private readonly LinearOptions _options;

    /// <summary>Creates a trainer; null takes the defaults.</summary>
    public LinearTrainer(LinearOptions? options = null)
    {
        _options = options ?? new LinearOptions();
        Parameters = _options.ToParameters();
    }

    /// <inheritdoc/>
    public string Name => TrainerName;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, string> Parameters { get; }

    /// <inheritdoc/>
    public FittedPipeline Train(TrainingSet train, TrainingSet? validation, TrainingContext context)
    {
        context.CancellationToken.ThrowIfCancellationRequested();
        TrainingGuard.Check(this, train, context);
        var preprocessing = LinearPreprocessingFitter.Fit(train, _options.MaxCategories);
        var design = DesignMatrix.Create(preprocessing, train.Features);
        var solution = train.Task == TaskKind.Regression && design.Width <= RidgeSolver.MaxWidth
            ? RidgeSolver.Solve(design, train.Target, _options.L2, context.CancellationToken)
            : Descend(design, train, context);
        context.Progress?.Report(new TrainingProgress(Name, _options.MaxIterations, _options.MaxIterations, null));
        return new FittedPipeline(train, preprocessing, ToModel(solution, train, design.Width));
    }

    private double[] Descend(DesignMatrix design, TrainingSet train, TrainingContext context)
    {
        var objective = new LinearObjective(design, train, _options.L2, context);
        var point = new double[objective.Size];
        if (train.Task == TaskKind.Regression) point[^1] = Moments.Mean(train.Target);
        new Lbfgs(maxIterations: _options.MaxIterations, tolerance: _options.Tolerance).Minimize(
            point,
            objective.Evaluate,
            (step, loss) => context.Progress?.Report(new TrainingProgress(Name, step, _options.MaxIterations, loss)));
        return point;
    }

    private static LinearModel ToModel(double[] solution, TrainingSet train, int width)
    {
        var outputs = train.Description.Outputs;
        var weights = ImmutableArray.CreateBuilder<float>(outputs * width);
        var intercepts = ImmutableArray.CreateBuilder<float>(outputs);
        for (var k = 0; k < outputs; k++)
        {
            for (var j = 0; j < width; j++) weights.Add((float)solution[(k * (width + 1)) + j]);
            intercepts.Add((float)solution[(k * (width + 1)) + width]);
        }

        return new LinearModel(weights.MoveToImmutable(), intercepts.MoveToImmutable(), OutputLinks.For(train.Task));
    }
}
