using Gyre.Loop.Deployment;
using Gyre.Loop.Pipeline;
using Gyre.Primitives;

namespace Gyre.Loop.Tests;

public sealed class SubmissionTests
{
    [Fact]
    public async Task Write_RowsWithAnId_NamesThemByIt()
    {
        using var shop = await TrainedAsync();
        var lines = await SubmitAsync(shop, "order,temp,kind\nA 1,0.5,a\n\"B,2\",0.25,b\n");

        Assert.Equal("order,y", lines[0]);
        Assert.StartsWith("A 1,", lines[1]);
        Assert.StartsWith("\"B,2\",", lines[2]);
        Assert.Equal(3, lines.Length);
    }

    [Fact]
    public async Task Write_RowsWithoutAnId_NumbersThem()
    {
        using var shop = await TrainedAsync();
        var lines = await SubmitAsync(shop, "temp,kind\n0.5,a\n0.25,b\n", column: "price");

        Assert.Equal("id,price", lines[0]);
        Assert.Equal(["0", "1"], lines[1..].Select(line => line.Split(',')[0]));
    }

    [Theory]
    [InlineData("order,temp\n1,0.5\n", "there is no column 'kind'")]
    [InlineData("order,temp,kind\n1,0.5,a\n2,warm,b\n", "column 'temp', row 2: 'warm' is not numeric")]
    public async Task Write_UnfitRows_NamesThePlaceAndLeavesNothing(string csv, string cause)
    {
        using var shop = await TrainedAsync();

        var error = await Assert.ThrowsAsync<GyreException>(() => SubmitAsync(shop, csv));

        Assert.Contains(cause, error.Message);
        Assert.True(error.IsUserError);
        Assert.Empty(Directory.GetFiles(shop.Workspace.Folder, "submission*"));
    }

    [Fact]
    public async Task Write_WithoutAChampion_SaysSo()
    {
        using var shop = new ShopWorkspace(rows: 10);

        var error = await Assert.ThrowsAsync<GyreException>(() => SubmitAsync(shop, "temp,kind\n0.5,a\n"));

        Assert.Contains("there is no champion yet", error.Message);
    }

    [Theory]
    [InlineData("target: stars", "als")]
    [InlineData("", "ials")]
    public async Task Write_Recommender_ListsTheItemsOfEachUserOnce(string target, string trainer)
    {
        using var shop = new ShopWorkspace(rows: 10);
        var random = new Random(1);
        await File.WriteAllLinesAsync(Path.Combine(shop.Workspace.Folder, "baskets.csv"), Enumerable.Range(0, 400)
            .Select(i => (User: i % 40, Item: random.Next(10) + (i % 2 * 10))).Distinct()
            .Select(r => $"u{r.User},i{r.Item},{1 + (r.Item % 5)}").Prepend("customer,article,stars"));
        await shop.RunAsync(PipelineReader.Parse(
            $$"""
            model: shop
            source: { path: baskets.csv }
            {{target}}
            task: recommendation
            recommend: { user: customer, item: article, top: 4 }
            columns: { customer: id, article: id, stars: numeric }
            training: { trainers: [{{trainer}}] }
            """, shop.Workspace.Folder));

        var lines = await SubmitAsync(shop, "when,customer\n1,u4\n2,u7\n3,u4\n4,stranger\n", version: 1);

        Assert.Equal("customer,items", lines[0]);
        Assert.Equal(["u4", "u7", "stranger"], lines[1..].Select(line => line.Split(',')[0]));
        Assert.All(lines[1..], line => Assert.Matches("^[^,]+,i[0-9]+( i[0-9]+){3}$", line));
        var had = (await File.ReadAllLinesAsync(Path.Combine(shop.Workspace.Folder, "baskets.csv")))
            .Where(line => line.StartsWith("u4,", StringComparison.Ordinal)).Select(line => line.Split(',')[1]);
        Assert.Empty(had.Intersect(lines[1].Split(',')[1].Split(' ')));
    }

    private static async Task<ShopWorkspace> TrainedAsync()
    {
        var shop = new ShopWorkspace(rows: 300);
        await shop.RunAsync(shop.Define());
        return shop;
    }

    private static async Task<string[]> SubmitAsync(ShopWorkspace shop, string csv, string? column = null, int? version = null)
    {
        var file = Path.Combine(shop.Workspace.Folder, "test.csv");
        var output = Path.Combine(shop.Workspace.Folder, "submission.csv");
        await File.WriteAllTextAsync(file, csv);
        await new Submission(shop.Workspace).WriteAsync(
            new SubmissionRequest(ShopWorkspace.Model, file, output) { Column = column, Version = version }, null, CancellationToken.None);
        return await File.ReadAllLinesAsync(output);
    }
}
