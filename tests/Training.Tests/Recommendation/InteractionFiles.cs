using System.Globalization;
using System.IO.Compression;
using Gyre.Fixtures;
using Gyre.Tabular;
using Gyre.Training.Tests.Quality;

namespace Gyre.Training.Tests.Recommendation;

/// <summary>The recommender sets under the protocols of the baselines.</summary>
internal static class InteractionFiles
{
    public const string Movies = "movietweetings/ratings.csv.gz";

    public const string Retail = "online_retail/online_retail.csv.gz";

    /// <summary>Ratings by (timestamp, user, item), the order of the file: the first 80 % train, the rest tests.</summary>
    public static (TrainingSet Train, TrainingSet Test) Ratings()
    {
        var set = TrainingSet.Create(ReadMovies(), "rating", TaskKind.Recommendation, ["user", "item"]);
        var cut = (int)(set.RowCount * 0.8);
        return (set.Take([.. Enumerable.Range(0, cut)]), set.Take([.. Enumerable.Range(cut, set.RowCount - cut)]));
    }

    /// <summary>The last item of every user with 5 interactions or more tests, everything else trains; or, to choose
    /// settings, the last but one.</summary>
    public static (TrainingSet Train, TrainingSet Test) LastItems(string file, bool last = true)
    {
        var table = file == Movies ? ReadMovies() : ReadRetail();
        var set = TrainingSet.Create(table, "item", TaskKind.Recommendation, ["user", "item"]);
        var users = ((CategoricalColumn)set.Features["user"]).Codes.ToArray();
        var rows = Enumerable.Range(0, users.Length).GroupBy(row => users[row]).Where(g => g.Count() >= 5)
            .Select(g => (Last: g.Last(), Next: g.SkipLast(1).Last())).ToArray();
        var test = rows.Select(r => last ? r.Last : r.Next).Order().ToArray();
        var left = test.ToHashSet();
        if (!last) left.UnionWith(rows.Select(r => r.Last));
        return (set.Take([.. Enumerable.Range(0, users.Length).Where(row => !left.Contains(row))]), set.Take(test));
    }

    private static Table ReadMovies()
    {
        var cells = Lines(TestData.Shared(Movies)!).Select(line => line.Split(',')).ToArray();
        return new Table(
        [
            CategoricalColumn.FromValues("user", ColumnType.Id, cells.Select(c => c[0])),
            CategoricalColumn.FromValues("item", ColumnType.Id, cells.Select(c => c[1])),
            new Column<double>("rating", ColumnType.Numeric,
                [.. cells.Select(c => double.Parse(c[2], CultureInfo.InvariantCulture))]),
        ]);
    }

    /// <summary>Purchases with a customer, each pair of customer and item once, where it stands first.</summary>
    private static Table ReadRetail()
    {
        var table = CsvTable.Read(TestData.Shared(Retail)!);
        var quantity = (Column<double>)table["Quantity"];
        var customer = (Column<double>)table["CustomerID"];
        var item = (CategoricalColumn)table["StockCode"];
        var pairs = Enumerable.Range(0, table.RowCount)
            .Where(row => !customer.IsMissing(row) && quantity.Values[row] > 0)
            .Select(row => (User: customer.Values[row].ToString(CultureInfo.InvariantCulture), Item: item.StringAt(row)))
            .Distinct().ToArray();
        return new Table(
        [
            CategoricalColumn.FromValues("user", ColumnType.Id, pairs.Select(p => p.User)),
            CategoricalColumn.FromValues("item", ColumnType.Id, pairs.Select(p => p.Item)),
        ]);
    }

    private static IEnumerable<string> Lines(string path)
    {
        using var file = new GZipStream(File.OpenRead(path), CompressionMode.Decompress);
        using var reader = new StreamReader(file);
        reader.ReadLine();
        while (reader.ReadLine() is { } line) yield return line;
    }
}
