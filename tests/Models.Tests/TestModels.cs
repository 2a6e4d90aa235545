using System.Collections.Immutable;
using Gyre.Tabular;
using Gyre.Training;

namespace Gyre.Models.Tests;

/// <summary>Random tables and random models over them, the same for the same seed.</summary>
internal static class TestModels
{
    public const int ManyCategories = 150;

    public static readonly Schema Raw = new(
    [
        new ColumnDefinition("when", ColumnType.Timestamp, false),
        new ColumnDefinition("x", ColumnType.Numeric), new ColumnDefinition("y", ColumnType.Numeric, false),
        new ColumnDefinition("whole", ColumnType.Integer, false), new ColumnDefinition("gaps", ColumnType.Integer),
        new ColumnDefinition("flag", ColumnType.Boolean, false), new ColumnDefinition("maybe", ColumnType.Boolean),
        new ColumnDefinition("color", ColumnType.Categorical), new ColumnDefinition("city", ColumnType.Categorical),
    ]);

    public static readonly ImmutableArray<string> Features =
        ["color", "x", "whole", "gaps", "city", "flag", "maybe", "y"];

    public static readonly string[] Colors = ["amber", "blue", "cyan", "", "grün"];

    /// <summary>Rows with every kind of missing value; every eighth text is one that no training row had.</summary>
    public static Table Rows(int count, int seed, bool unknown = false)
    {
        var random = new Random(seed);
        bool Missing() => random.Next(5) == 0;
        string? Text(Func<string> known) => Missing() ? null : unknown && random.Next(8) == 0
            ? $"new {random.Next(3)}" : known();
        T[] Make<T>(Func<T> value) => [.. Enumerable.Range(0, count).Select(_ => value())];
        return new Table(
        [
            new Column<long>("when", ColumnType.Timestamp,
                Make(() => random.NextInt64(-1_000_000_000_000_000, 2_000_000_000_000_000))),
            new Column<double>("x", ColumnType.Numeric, Make(() => Missing() ? double.NaN : random.NextDouble() * 10)),
            new Column<double>("y", ColumnType.Numeric, Make(() => (double)(float)(random.NextDouble() - 0.5))),
            new Column<long>("whole", ColumnType.Integer, Make(() => random.NextInt64(-20, 20))),
            new Column<long>("gaps", ColumnType.Integer, Make(() => random.NextInt64(0, 7)), Make(Missing)),
            new Column<bool>("flag", ColumnType.Boolean, Make(() => random.Next(2) == 0)),
            new Column<bool>("maybe", ColumnType.Boolean, Make(() => random.Next(2) == 0), Make(Missing)),
            CategoricalColumn.FromValues(
                "color", ColumnType.Categorical, Make(() => Text(() => Colors[random.Next(Colors.Length)]))),
            CategoricalColumn.FromValues(
                "city", ColumnType.Categorical, Make(() => Text(() => $"city {random.Next(ManyCategories)}"))),
        ]);
    }

    /// <summary>A target that depends on most columns.</summary>
    public static Column Target(Table rows, TaskKind task, int seed)
    {
        var random = new Random(seed);
        var scores = new double[rows.RowCount];
        for (var row = 0; row < scores.Length; row++)
        {
            var x = ((Column<double>)rows["x"]).Values[row];
            var city = ((CategoricalColumn)rows["city"]).StringAt(row);
            scores[row] = (double.IsNaN(x) ? 2 : Math.Sin(x)) + (((Column<long>)rows["whole"]).Values[row] / 10.0)
                + ((city?.Length ?? 0) % 3) + (((Column<bool>)rows["flag"]).Values[row] ? 1 : 0) + (
                    0.3 * random.NextDouble());
        }

        return task switch
        {
            TaskKind.Regression => new Column<double>("target", ColumnType.Numeric, scores),
            TaskKind.Binary => new Column<bool>("target", ColumnType.Boolean, Array.ConvertAll(scores, s => s > 2)),
            _ => CategoricalColumn.FromValues(
                "target", ColumnType.Categorical, scores.Select(s => s < 1 ? "low" : s < 3 ? "mid" : "high")),
        };
    }

    public static TrainingSet TrainingSet(TaskKind task, int rows = 600, int seed = 1)
    {
        var table = Rows(rows, seed);
        return Training.TrainingSet.Create(table.With(Target(table, task, seed)), "target", task, Features, null);
    }

    /// <summary>Trees that no trainer would grow: any split on any feature, any default direction.</summary>
    public static FittedPipeline RandomTrees(
        TaskKind task, int trees, int depth, int seed, double leafSize = 0.1, bool categories = true)
    {
        var random = new Random(seed);
        var schema = Raw.Select(Features.Where(name => categories || name is not ("color" or "city")));
        string[] cities =
            [.. Enumerable.Range(0, ManyCategories).Select(i => $"city {i}").Order(StringComparer.Ordinal)];
        ImmutableArray<TreeFeature> features =
        [
            .. schema.Select(c => new TreeFeature(c.Name, c.Type, c.Name switch
            {
                "color" => [.. Colors.Where(n => n.Length > 0).Order(StringComparer.Ordinal)],
                "city" => [.. cities],
                _ => [],
            })),
        ];
        ImmutableArray<string> classes = task switch
        {
            TaskKind.Regression => [],
            TaskKind.Binary => ["no", "yes"],
            _ => ["1", "2", "3", "4"],
        };
        var outputs = task == TaskKind.Multiclass ? classes.Length : 1;
        var link = task switch
        {
            TaskKind.Regression => OutputLink.Identity,
            TaskKind.Binary => OutputLink.Logistic,
            _ => OutputLink.Softmax,
        };
        var model = new BoostedTreesModel(
            [.. Enumerable.Range(0, trees).Select(i => RandomTree(random, features, depth, i % outputs, leafSize))],
            [.. Enumerable.Range(0, outputs).Select(k => (float)(k * 0.1))], link);
        var type = task switch
        {
            TaskKind.Regression => ColumnType.Numeric,
            TaskKind.Binary => ColumnType.Categorical,
            _ => ColumnType.Integer,
        };
        return new FittedPipeline(schema, task, classes, "target", type, new TreePreprocessing(features), model);
    }

    private static Tree RandomTree(
        Random random, ImmutableArray<TreeFeature> features, int depth, int output, double leafSize)
    {
        var nodes = new List<(int Feature, float Threshold, int Left, int Right, bool Default, int Set, float Value)>();
        var sets = new List<ImmutableArray<int>>();
        Grow(depth);
        return new Tree
        {
            Output = output,
            Feature = [.. nodes.Select(n => n.Feature)],
            Threshold = [.. nodes.Select(n => n.Threshold)],
            Left = [.. nodes.Select(n => n.Left)],
            Right = [.. nodes.Select(n => n.Right)],
            DefaultLeft = [.. nodes.Select(n => n.Default)],
            CategorySet = [.. nodes.Select(n => n.Set)],
            CategorySets = [.. sets],
            Value = [.. nodes.Select(n => n.Value)],
            Gain = [.. nodes.Select(_ => 0f)],
            Cover = [.. nodes.Select(_ => 1f)],
        };

        int Grow(int left)
        {
            var at = nodes.Count;
            if (left == 0 || random.Next(12) == 0)
            {
                nodes.Add((Tree.Leaf, 0, 0, 0, false, -1, (float)((random.NextDouble() - 0.5) * leafSize)));
                return at;
            }

            var f = random.Next(features.Length);
            var set = -1;
            if (features[f].IsCategorical)
            {
                var share = random.NextDouble();
                sets.Add([.. Enumerable.Range(0, features[f].Categories.Length).Where(
                    _ => random.NextDouble() < share)]);
                set = sets.Count - 1;
            }

            nodes.Add(default);
            var (then, otherwise) = (Grow(left - 1), Grow(left - 1));
            nodes[at] = (f, Threshold(features[f].Name), then, otherwise, random.Next(2) == 0, set, 0);
            return at;
        }

        float Threshold(string feature) => feature switch
        {
            "x" => (float)(random.NextDouble() * 10),
            "y" => (float)(random.NextDouble() - 0.5),
            "whole" => random.Next(-20, 20),
            "gaps" => random.Next(7),
            _ => 0.5f,
        };
    }
}
