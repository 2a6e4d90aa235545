using System.Collections.Immutable;
using Gyre.Numerics;
using Gyre.Tabular;

namespace Gyre.Training;

/// <summary>
/// Linear models with L2, L1 or both: least squares, logistic regression, or softmax regression for multiclass. Brings
/// its own preprocessing (<see cref="LinearPreprocessing"/>), which also takes text. Row weights count. Validation rows
/// are not used.
/// </summary>
public sealed class LinearTrainer : ITrainer
{
    internal const string TrainerName = "linear";

    private const int Memory = 10;

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
    public ImmutableArray<ColumnType> FeatureTypes => TrainingGuard.WithText;

    /// <inheritdoc/>
    public long EstimateMemory(TrainingSet set)
    {
        var text = TextMemory.Of(set, _options.Text);
        var solver = 8L * ((2 * Memory) + 8) * set.Description.Outputs * text.Terms;
        return (16L * set.RowCount * set.Features.Columns.Count) + text.Bytes + solver;
    }

    /// <inheritdoc/>
    public FittedPipeline Train(TrainingSet train, TrainingSet? validation, TrainingContext context)
    {
        context.CancellationToken.ThrowIfCancellationRequested();
        TrainingGuard.Check(this, train, context);
        var preprocessing = LinearPreprocessingFitter.Fit(
            train, _options.MaxCategories, _options.Text, context.CancellationToken);
        var design = DesignMatrix.Create(preprocessing, train.Features);
        var solution = train.Task == TaskKind.Regression && design.Width <= NormalEquations.MaxWidth && !design.HasText
            ? Solve(design, train, context)
            : Descend(design, train, context);
        context.Progress?.Report(new TrainingProgress(Name, _options.MaxIterations, _options.MaxIterations, null));
        return new FittedPipeline(train, preprocessing, ToModel(solution, train, design.Width));
    }

    private double[] Solve(DesignMatrix design, TrainingSet train, TrainingContext context)
    {
        var token = context.CancellationToken;
        var equations = new NormalEquations(design, train.Target, train.Weights, token);
        var l2 = _options.L2For(train);
        return _options.L1 == 0
            ? equations.Solve(l2, token)
            : equations.Descend(_options.L1, l2, _options.MaxIterations, _options.Tolerance, token);
    }

    private double[] Descend(DesignMatrix design, TrainingSet train, TrainingContext context)
    {
        var objective = new LinearObjective(design, train, _options.L2For(train), context);
        var point = new double[objective.Size];
        if (train.Task == TaskKind.Regression) point[^1] = Moments.Mean(train.Target);
        void Report(int step, double loss) =>
            context.Progress?.Report(new TrainingProgress(Name, step, _options.MaxIterations, loss));
        if (_options.L1 == 0)
        {
            new Lbfgs(Memory, _options.MaxIterations, _options.Tolerance).Minimize(point, objective.Evaluate, Report);
            return point;
        }

        var penalty = new double[objective.Size];
        penalty.AsSpan()[..^train.Description.Outputs].Fill(_options.L1 / LinearObjective.TotalWeight(train));
        new OrthantwiseLbfgs(Memory, _options.MaxIterations, _options.Tolerance)
            .Minimize(point, penalty, objective.Evaluate, Report);
        return point;
    }

    private static LinearModel ToModel(double[] solution, TrainingSet train, int width)
    {
        var outputs = train.Description.Outputs;
        var weights = ImmutableArray.CreateBuilder<float>(outputs * width);
        for (var k = 0; k < outputs; k++)
        {
            for (var j = 0; j < width; j++) weights.Add((float)solution[(j * outputs) + k]);
        }

        return new LinearModel(weights.MoveToImmutable(),
            [.. solution[^outputs..].Select(intercept => (float)intercept)], OutputLinks.For(train.Task));
    }
}
