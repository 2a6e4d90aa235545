using Gyre.Numerics;
using Gyre.Tabular;

namespace Gyre.Training.Tests;

/// <summary>Made-up rows: numbers with gaps, whole numbers, flags and categories, and targets that depend on
/// them.</summary>
internal static class Synthetic
{
    public static readonly string[] Features = ["a", "b", "n", "flag", "color"];

    private static readonly string?[] Colors = ["red", "green", "blue", "black", "white", "grey", null];

    public static Table Table(int rows, ulong seed)
    {
        var random = new SeededRandom(seed);
        var (a, b, n, flag) = (new double[rows], new double[rows], new long[rows], new bool[rows]);
        var nMissing = new bool[rows];
        var color = new string?[rows];
        var value = new double[rows];
        var label = new string[rows];
        for (var i = 0; i < rows; i++)
        {
            a[i] = random.NextNormal();
            b[i] = random.NextDouble();
            n[i] = random.NextInt(1000);
            flag[i] = random.NextInt(2) == 0;
            var c = random.NextInt(Colors.Length);
            color[i] = Colors[c];
            value[i] = (2 * Math.Sin(a[i])) + (b[i] * b[i]) + (c % 3) + (0.2 * random.NextNormal());
            if (n[i] > 700 && flag[i]) value[i]++;
            label[i] = value[i] < 0.5 ? "low" : value[i] < 2 ? "mid" : "top";
            if (random.NextInt(10) == 0) a[i] = double.NaN;
            nMissing[i] = random.NextInt(20) == 0;
        }

        return new Table(
        [
            new Column<double>("a", ColumnType.Numeric, a),
            new Column<double>("b", ColumnType.Numeric, b),
            new Column<long>("n", ColumnType.Integer, n, nMissing),
            new Column<bool>("flag", ColumnType.Boolean, flag),
            CategoricalColumn.FromValues("color", ColumnType.Categorical, color),
            new Column<double>("value", ColumnType.Numeric, value),
            CategoricalColumn.FromValues("label", ColumnType.Categorical, label),
            new Column<bool>("high", ColumnType.Boolean, Array.ConvertAll(value, v => v > 1)),
        ]);
    }

    public static TrainingSet Set(TaskKind task, int rows, ulong seed = 1) => TrainingSet.Create(
        Table(rows, seed), TargetOf(task), task, Features);

    private static string TargetOf(TaskKind task) => task switch
    {
        TaskKind.Regression => "value",
        TaskKind.Binary => "high",
        _ => "label",
    };
}
