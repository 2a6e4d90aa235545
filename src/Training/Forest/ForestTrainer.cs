using System.Collections.Concurrent;
using System.Collections.Immutable;
using Gyre.Numerics;
using Gyre.Training.Boosting;
using Gyre.Training.Forest;

namespace Gyre.Training;

/// <summary>
/// Random forests (Breiman 2001) and extra trees (Geurts, Ernst and Wehenkel 2006) over the bins that boosting uses, with
/// native missing values and categories. Trees grow side by side, each from its own stream of the seed, so that the
/// number of threads does not change the model. Validation rows are not used.
/// </summary>
public sealed class ForestTrainer : ITrainer
{
    private const int MaxCategories = 255;

    /// <summary>Streams of the seed from here on, one per tree.</summary>
    private const ulong FirstStream = 1 << 20;

    private readonly ForestKind _kind;
    private readonly ForestOptions _options;

    /// <summary>Creates a trainer; null takes the defaults of the kind.</summary>
    public ForestTrainer(ForestKind kind, ForestOptions? options = null)
    {
        (_kind, _options) = (kind, options ?? ForestOptions.Default(kind));
        Parameters = _options.ToParameters();
    }

    /// <inheritdoc/>
    public string Name => NameOf(_kind);

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, string> Parameters { get; }

    internal static string NameOf(ForestKind kind) => kind == ForestKind.Random ? "random_forest" : "extra_trees";

    /// <summary>Bins and what trees hold: up to two nodes per leaf, while growing and then in the model.</summary>
    public long EstimateMemory(TrainingSet set)
    {
        const int bytesPerLeaf = 2 * (40 + 40);
        var leaves = (long)set.RowCount / _options.LeastRows(set.Task);
        return (6L * set.RowCount * set.Features.Columns.Count) + (16L * set.RowCount)
            + (_options.Trees * leaves * bytesPerLeaf);
    }

    /// <inheritdoc/>
    public FittedPipeline Train(TrainingSet train, TrainingSet? validation, TrainingContext context)
    {
        TrainingGuard.Check(this, train, context);
        context.CancellationToken.ThrowIfCancellationRequested();
        var preprocessing = TreePreprocessing.Fit(train, MaxCategories);
        var columns = preprocessing.Encode(train.Features);
        var bins = BinnedMatrix.Fit(preprocessing, columns, _options.MaxBins, context);
        var matrix = BinnedMatrix.Create(bins, columns, train.RowCount, context);
        var draws = new RowDraws(_options, train.RowCount, train.WeightsMemory);
        var (trees, means) = Grow(matrix, train, draws, context);
        var outOfBag = draws.LeaveRowsOut ? OutOfBag.Score(trees, means, draws, columns, train, context) : null;
        return new FittedPipeline(
            train, preprocessing, new ForestModel(trees, means, train.Description.Outputs, outOfBag));
    }

    private (ImmutableArray<Tree> Trees, ImmutableArray<LeafMeans> Means) Grow(
        BinnedMatrix matrix, TrainingSet train, RowDraws draws, TrainingContext context)
    {
        var target = new ForestTarget(train);
        var growers = new ConcurrentBag<ForestGrower>();
        var trees = new Tree[_options.Trees];
        var means = new LeafMeans[_options.Trees];
        var done = 0;
        new Workers(context.Threads).Run(trees.Length, t =>
        {
            if (!growers.TryTake(out var grower))
            {
                grower = new ForestGrower(
                    matrix, target, _kind, _options.LeastRows(train.Task),
                    _options.FeaturesPerNode(train.Task, matrix.Features.Length), _options.MaxDepth);
            }

            var random = SeededRandom.ForStream(context.Seed, FirstStream + (ulong)t);
            var (grown, leaves) = grower.Grow(draws.Draw(random), random, context.CancellationToken);
            (trees[t], means[t]) = (grown.ToTree(0, matrix.Features), leaves);
            growers.Add(grower);
            lock (growers)
            {
                done++;
                context.Progress?.Report(new TrainingProgress(Name, done, trees.Length, null));
            }
        });
        return ([.. trees], [.. means]);
    }

    /// <summary>Which rows a tree learns from: the weight of each, 0 for those it does not see. Thread-safe.</summary>
    internal sealed class RowDraws(ForestOptions options, int rows, ReadOnlyMemory<double> weights)
    {
        /// <summary>Whether trees do not see all rows.</summary>
        public bool LeaveRowsOut => options.Bootstrap || options.RowShare < 1;

        /// <summary>The draw of a tree.</summary>
        public float[] Draw(int tree, ulong seed) => Draw(SeededRandom.ForStream(seed, FirstStream + (ulong)tree));

        /// <summary>The draw from the start of a tree's stream.</summary>
        public float[] Draw(SeededRandom random)
        {
            var drawn = new float[rows];
            var size = Math.Max(1, (int)Math.Round(rows * options.RowShare));
            if (options.Bootstrap)
            {
                for (var i = 0; i < size; i++) drawn[random.NextInt(rows)]++;
            }
            else if (size == rows)
            {
                drawn.AsSpan().Fill(1);
            }
            else
            {
                foreach (var row in random.Sample(rows, size)) drawn[row] = 1;
            }

            if (weights.IsEmpty) return drawn;
            for (var row = 0; row < rows; row++) drawn[row] *= (float)weights.Span[row];
            return drawn;
        }
    }
}
