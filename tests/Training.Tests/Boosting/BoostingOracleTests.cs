using Gyre.Numerics;
using Gyre.Tabular;
using Gyre.Training.Boosting;

namespace Gyre.Training.Tests.Boosting;

/// <summary>Every tree of random small trainings, held against <see cref="TreeOracle"/>.</summary>
public sealed class BoostingOracleTests
{
    private const int Rows = 120;

    public static TheoryData<string, bool, bool, bool> Cases()
    {
        var cases = new TheoryData<string, bool, bool, bool>();
        foreach (var loss in BoostingLosses.All)
        foreach (var weighted in new[] { false, true })
        foreach (var monotone in new[] { false, true })
        foreach (var penalised in new[] { false, true })
        {
            if (!monotone || loss != BoostingLosses.Softmax) cases.Add(loss, weighted, monotone, penalised);
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Train_AnyOptions_EveryNodeIsTheBestThereWas(string loss, bool weighted, bool monotone, bool penalised)
    {
        var random = new SeededRandom((ulong)(1000 + loss.Length));
        var set = MakeSet(random, loss);
        if (weighted) set = set.WithWeights([.. Enumerable.Range(0, Rows).Select(_ => random.NextInt(4) * 0.5)]);
        var options = new BoostingOptions
        {
            Loss = loss,
            Quantile = 0.8,
            Rounds = 4,
            EarlyStoppingRounds = 0,
            LearningRate = 0.3,
            MaxLeaves = 7,
            NodeFeatureShare = 1,
            MinChildWeight = penalised ? 2.5 : 0.01,
            MinLeafRows = penalised ? 6 : 1,
            L1 = penalised ? 0.4 : 0,
            L2 = penalised ? 0.7 : 0.01,
            CategoryL2 = penalised ? 3 : 0,
            CategorySmoothing = penalised ? 2 : 0,
            FewCategories = weighted ? 5 : 4, // there are five
            Monotone = monotone ? MonotoneConstraints.TryParse("a: +1, b: decreasing")! : MonotoneConstraints.None,
        };
        Check(set, options, loss, monotone);
    }

    private static void Check(TrainingSet set, BoostingOptions options, string loss, bool monotone)
    {
        var pipeline = new BoostingTrainer(options).Train(set, null, new TrainingContext(Threads: 2));
        var model = (BoostedTreesModel)pipeline.Model;
        var columns = ((TreePreprocessing)pipeline.Preprocessing).Encode(set.Features);
        var outputs = model.BaseScores.Length;
        var scores = model.BaseScores.Select(s => Enumerable.Repeat((double)s, Rows).ToArray()).ToArray();
        var weights = set.Weights.IsEmpty ? Enumerable.Repeat(1.0, Rows).ToArray() : set.Weights.ToArray();
        var oracle = new TreeOracle(
            options, columns, [false, false, true], monotone ? [1, -1, 0] : [0, 0, 0], weights);
        var delta = (BoostingLoss.For(options, set) as HuberLoss)?.Delta ?? 0;
        for (var round = 0; round < options.Rounds; round++)
        {
            var before = scores.Select(s => s.ToArray()).ToArray();
            for (var k = 0; k < outputs; k++)
            {
                var tree = model.Trees[(round * outputs) + k];
                var derivatives = Enumerable.Range(0, Rows).Select(
                    row => Derivatives(loss, [.. before.Select(s => s[row])], k, set.Target[row], delta)).ToArray();
                oracle.Check(
                    tree,
                    [.. derivatives.Select((d, row) => d.First * weights[row])],
                    [.. derivatives.Select((d, row) => d.Second * weights[row])],
                    LeafStep(loss, set, before[0], weights, delta),
                    loss == BoostingLosses.Poisson ? 4 : double.PositiveInfinity);
                for (var row = 0; row < Rows; row++)
                    scores[k][row] += tree.Value[tree.LeafOf([.. columns.Select(c => c[row])])];
            }
        }
    }

    // By the definitions of the losses.
    private static (double First, double Second) Derivatives(
        string loss, double[] scores, int k, double target, double delta)
    {
        var residual = target - scores[0];
        switch (loss)
        {
            case BoostingLosses.Squared: return (-residual, 1);
            case BoostingLosses.Absolute: return (-Math.Sign(residual), 1);
            case BoostingLosses.Quantile: return (residual > 0 ? -0.8 : residual < 0 ? 0.2 : 0, 1);
            case BoostingLosses.Huber:
                return (Math.Abs(residual) <= delta ? -residual : -delta * Math.Sign(residual), 1);
            case BoostingLosses.Poisson: return (Math.Exp(scores[0]) - target, Math.Exp(scores[0]));
            case BoostingLosses.Logistic:
                var p = 1 / (1 + Math.Exp(-scores[0]));
                return (p - target, p * (1 - p));
            default:
                var q = Math.Exp(scores[k]) / scores.Sum(Math.Exp);
                return (q - (target == k ? 1 : 0), q * (1 - q) * scores.Length / (scores.Length - 1));
        }
    }

    private static Func<int[], double>? LeafStep(
        string loss, TrainingSet set, double[] scores, double[] weights, double delta) => loss switch
    {
        BoostingLosses.Absolute => rows => Quantile(set, scores, weights, rows, 0.5),
        BoostingLosses.Quantile => rows => Quantile(set, scores, weights, rows, 0.8),
        BoostingLosses.Huber => rows =>
        {
            var median = Quantile(set, scores, weights, rows, 0.5);
            var total = rows.Sum(row => weights[row]);
            if (total == 0) return 0;
            double Residual(int row) => set.TargetMemory.Span[row] - scores[row] - median;
            return median + (rows.Sum(row => weights[row] * Math.Clamp(Residual(row), -delta, delta)) / total);
        },
        _ => null,
    };

    // Weights are whole halves: a row of weight w counts 2 w times among rows written out.
    private static double Quantile(
        TrainingSet set, double[] scores, double[] weights, int[] rows, double probability)
    {
        var written = rows.SelectMany(row => Enumerable.Repeat(
            set.TargetMemory.Span[row] - scores[row], (int)(2 * weights[row]))).Order().ToArray();
        if (written.Length == 0) return 0;
        var position = probability * written.Length;
        var at = (int)Math.Ceiling(position - 1e-9) - 1;
        return Math.Abs(position - at - 1) < 1e-9 && at + 1 < written.Length
            ? (written[at] + written[at + 1]) / 2
            : written[at];
    }

    private static TrainingSet MakeSet(SeededRandom random, string loss)
    {
        var a = Numbers(random, 30, missing: true);
        var b = Numbers(random, 12, missing: false);
        var c = Enumerable.Range(0, Rows).Select(_ => random.NextInt(6)).ToArray();
        var signal = Enumerable.Range(0, Rows).Select(i =>
            (double.IsNaN(a[i]) ? 1 : a[i] / 15) - (b[i] / 10) + ((c[i] % 3) / 2.0) + random.NextNormal()).ToArray();
        var task = loss switch
        {
            BoostingLosses.Logistic => TaskKind.Binary,
            BoostingLosses.Softmax => TaskKind.Multiclass,
            _ => TaskKind.Regression,
        };
        double[] target = task switch
        {
            TaskKind.Binary => [.. signal.Select(s => s > 1 ? 1.0 : 0)],
            TaskKind.Multiclass => [.. signal.Select(s => s > 2 ? 2.0 : s > 1 ? 1 : 0)],
            _ when loss == BoostingLosses.Poisson => [.. signal.Select(s => Math.Max(0, Math.Round(2 * s)))],
            _ => signal,
        };
        var table = new Table(
        [
            new Column<double>("a", ColumnType.Numeric, a),
            new Column<double>("b", ColumnType.Numeric, b),
            CategoricalColumn.FromValues(
                "c", ColumnType.Categorical, c.Select(v => v == 5 ? null : ((char)('p' + v)).ToString())),
            new Column<double>("y", ColumnType.Numeric, target),
        ]);
        return TrainingSet.Create(table, "y", task, ["a", "b", "c"]);
    }

    private static double[] Numbers(SeededRandom random, int distinct, bool missing)
    {
        var x = new double[Rows];
        for (var i = 0; i < Rows; i++)
            x[i] = missing && random.NextInt(6) == 0 ? double.NaN : random.NextInt(distinct);
        return x;
    }
}
