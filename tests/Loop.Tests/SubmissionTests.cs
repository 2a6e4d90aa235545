using Gyre.Loop.Deployment;
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

    private static async Task<ShopWorkspace> TrainedAsync()
    {
        var shop = new ShopWorkspace(rows: 300);
        await shop.RunAsync(shop.Define());
        return shop;
    }

    private static async Task<string[]> SubmitAsync(ShopWorkspace shop, string csv, string? column = null)
    {
        var file = Path.Combine(shop.Workspace.Folder, "test.csv");
        var output = Path.Combine(shop.Workspace.Folder, "submission.csv");
        await File.WriteAllTextAsync(file, csv);
        await new Submission(shop.Workspace).WriteAsync(
            new SubmissionRequest(ShopWorkspace.Model, file, output) { Column = column }, null, CancellationToken.None);
        return await File.ReadAllLinesAsync(output);
    }
}
