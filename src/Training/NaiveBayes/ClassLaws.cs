using System.Collections.Immutable;
using Gyre.Tabular;

namespace Gyre.Training;

/// <summary>
/// The laws of each class, as sums over a linear preprocessing's inputs. ln P(class) + Σ ln P(value | class) is linear
/// in counts, in the one input of a category that is 1 and in a truth value, and quadratic in a number.
/// </summary>
internal sealed class ClassLaws
{
    /// <summary>The least variance, in units of the column's own: a class whose numbers are all one.</summary>
    private const double LeastVariance = 1e-12;

    private readonly TrainingSet _set;
    private readonly int _classes;
    private readonly int _width;
    private readonly double[] _weights;
    private readonly double[] _intercepts;
    private readonly double[] _counts;
    private readonly List<int> _inputs = [];
    private readonly List<double[]> _means = [];
    private readonly List<double[]> _variances = [];

    public ClassLaws(
        TrainingSet set, LinearPreprocessing preprocessing, DesignMatrix design, NaiveBayesOptions options)
    {
        _set = set;
        _classes = set.Classes.Length;
        _width = preprocessing.Width;
        _weights = new double[_classes * _width];
        _intercepts = new double[_classes];
        var total = LinearObjective.TotalWeight(set);
        var classWeights = new double[_classes];
        _counts = Count(design, classWeights);

        // A class without rows has no laws: it is never said.
        for (var k = 0; k < _classes; k++)
            _intercepts[k] = classWeights[k] > 0 ? Math.Log(classWeights[k] / total) : -1e30;
        var epsilon = options.VarSmoothing * preprocessing.Features.OfType<NumericLinearFeature>()
            .Where(f => f.Type != ColumnType.Boolean).Select(Variance).DefaultIfEmpty(0).Max();
        var start = 0;
        foreach (var feature in preprocessing.Features)
        {
            switch (feature)
            {
                case TextLinearFeature text:
                    Share(start, text.Width, options.TextAlpha);
                    break;
                case CategoricalLinearFeature category:
                    Share(start, category.Categories.Length, options.Alpha);
                    break;
                case NumericLinearFeature { Type: ColumnType.Boolean } flag:
                    Flag(flag, start, classWeights, options.Alpha);
                    break;
                case NumericLinearFeature number:
                    Normal(number, start, design, epsilon * number.InverseScale * number.InverseScale);
                    break;
            }

            start += feature.Width;
        }
    }

    public Model ToModel()
    {
        var link = OutputLinks.For(_set.Task);
        var binary = _set.Task == TaskKind.Binary;
        float[] Rows(double[] values, int width) => binary
            ? [.. Enumerable.Range(0, width).Select(j => (float)(values[width + j] - values[j]))]
            : [.. values.Select(v => (float)v)];
        var linear = new LinearModel([.. Rows(_weights, _width)], [.. Rows(_intercepts, 1)], link);
        if (_inputs.Count == 0) return linear;
        ImmutableArray<float> ByClass(List<double[]> columns) =>
            [.. Enumerable.Range(0, _classes).SelectMany(k => columns.Select(column => (float)column[k]))];
        return new NaiveBayesModel(linear, [.. _inputs], ByClass(_means),
            ByClass([.. _variances.Select(v => Array.ConvertAll(v, x => 1 / x))]));
    }

    /// <summary>1 / InverseScale is a standard deviation; a constant column has none.</summary>
    private static double Variance(NumericLinearFeature feature) =>
        feature.InverseScale == 1 ? 1 : 1.0 / ((double)feature.InverseScale * feature.InverseScale);

    /// <summary>Row-major, classes × width: the weighted sum of each input; and the weight of each class.</summary>
    private double[] Count(DesignMatrix design, double[] classWeights)
    {
        var counts = new double[_classes * _width];
        for (var row = 0; row < design.Rows; row++)
        {
            var weight = _set.Weights.IsEmpty ? 1 : _set.Weights[row];
            var k = (int)_set.Target[row];
            classWeights[k] += weight;
            design.AddRow(row, [weight], counts.AsSpan(k * _width, _width));
        }

        return counts;
    }

    /// <summary>ln of the smoothed shares of some inputs' counts within each class.</summary>
    private void Share(int start, int count, double alpha)
    {
        for (var k = 0; k < _classes; k++)
        {
            var counts = _counts.AsSpan((k * _width) + start, count);
            var sum = alpha * count;
            foreach (var value in counts) sum += value;
            for (var j = 0; j < count; j++)
                _weights[(k * _width) + start + j] = Math.Log((counts[j] + alpha) / sum);
        }
    }

    /// <summary>ln P(true) for a truth value that is 1, ln P(false) for 0, nothing where it is missing.</summary>
    private void Flag(NumericLinearFeature feature, int start, double[] classWeights, double alpha)
    {
        var filled = feature.Standardize(feature.Median);
        var (no, yes) = (feature.Standardize(0), feature.Standardize(1));
        for (var k = 0; k < _classes; k++)
        {
            var at = (k * _width) + start;
            var missing = _counts[at + 1];
            var present = classWeights[k] - missing;
            var trues = ((_counts[at] - (missing * filled)) - (present * no)) / (yes - no);
            var (lnYes, lnNo) = (Math.Log((trues + alpha) / (present + (2 * alpha))),
                Math.Log((present - trues + alpha) / (present + (2 * alpha))));
            var slope = (lnYes - lnNo) / (yes - no);
            _weights[at] = slope;
            _intercepts[k] += lnNo - (slope * no);
            _weights[at + 1] = -(lnNo + (slope * (filled - no)));
        }
    }

    /// <summary>The moments of the values that are there; a class without any has those of all rows.</summary>
    private void Normal(NumericLinearFeature feature, int start, DesignMatrix design, double epsilon)
    {
        var at = design.DensePositions.IndexOf(start);
        var sums = new double[3, _classes + 1];
        for (var pass = 0; pass < 2; pass++)
        {
            for (var row = 0; row < design.Rows; row++)
            {
                var dense = design.Dense(row);
                if (dense[at + 1] != 0) continue;
                var weight = _set.Weights.IsEmpty ? 1 : _set.Weights[row];
                foreach (var k in (ReadOnlySpan<int>)[(int)_set.Target[row], _classes])
                {
                    if (pass == 0) sums[0, k] += weight;
                    if (pass == 0) sums[1, k] += weight * dense[at];
                    else sums[2, k] += weight * Square(dense[at] - (sums[1, k] / sums[0, k]));
                }
            }
        }

        var (means, variances) = (new double[_classes], new double[_classes]);
        for (var k = 0; k < _classes; k++)
        {
            var from = sums[0, k] > 0 ? k : _classes;
            var weight = sums[0, from];
            means[k] = weight > 0 ? sums[1, from] / weight : 0;
            variances[k] = Math.Max(LeastVariance, (weight > 0 ? sums[2, from] / weight : 1) + epsilon);
            var constant = -0.5 * Math.Log(variances[k]);
            _intercepts[k] += constant;
            _weights[(k * _width) + start + 1] = -constant;
        }

        _inputs.Add(start);
        _means.Add(means);
        _variances.Add(variances);
    }

    private static double Square(double x) => x * x;
}
