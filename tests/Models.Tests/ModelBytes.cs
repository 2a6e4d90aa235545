using System.Globalization;
using System.Security.Cryptography;
using Gyre.Tabular;
using Gyre.Training;

namespace Gyre.Models.Tests;

/// <summary>
/// Trains boosted trees of every loss, both growths and two thread counts, and prints a line with the hash of each exported
/// graph. As a program of its own (see <see cref="Main"/>) it can be run with other hardware instructions.
/// </summary>
internal static class ModelBytes
{
    private static readonly (TaskKind Task, string Loss)[] Losses =
    [
        (TaskKind.Regression, "squared"), (TaskKind.Regression, "quantile"), (TaskKind.Regression, "huber"),
        (TaskKind.Regression, "poisson"), (TaskKind.Binary, "logistic"), (TaskKind.Multiclass, "softmax"),
    ];

    public static int Main()
    {
        foreach (var line in Lines()) Console.WriteLine(line);
        return 0;
    }

    public static IEnumerable<string> Lines()
    {
        foreach (var (task, loss) in Losses)
        {
            var set = Set(task, loss);
            foreach (var growth in new[] { TreeGrowth.Leaf, TreeGrowth.Depth })
            {
                foreach (var threads in new[] { 1, 2 })
                {
                    var options = new BoostingOptions
                    {
                        Loss = loss, Rounds = 6, Growth = growth, RowShare = 0.9, FeatureShare = 0.9, MaxDepth = 5,
                    };
                    var pipeline = new BoostingTrainer(options).Train(set, null, new TrainingContext(3, threads));
                    var bytes = OnnxExporter.Export(pipeline, [], TestModels.Raw);
                    yield return string.Create(
                        CultureInfo.InvariantCulture,
                        $"{loss} {growth} {threads} {Convert.ToHexString(SHA256.HashData(bytes))}");
                }
            }
        }
    }

    private static TrainingSet Set(TaskKind task, string loss)
    {
        var rows = TestModels.Rows(9000, seed: 4);
        var target = TestModels.Target(rows, task, seed: 5);
        if (loss == "poisson")
        {
            var counts = ((Column<double>)target).Values.ToArray();
            target = new Column<double>(target.Name, ColumnType.Numeric, Array.ConvertAll(counts, v => Math.Floor(Math.Abs(v))));
        }

        return TrainingSet.Create(rows.With(target), target.Name, task, TestModels.Features);
    }
}
