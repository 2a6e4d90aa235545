using Gyre.Loop.Deployment;
using Gyre.Loop.Ledger;
using Gyre.Primitives;
using Gyre.Tracking;

namespace Gyre.Loop.Tests;

public class PromotionTests
{
    [Fact]
    public async Task RollBack_SecondChampion_RestoresTheFirstWithItsLedgerEntry()
    {
        using var shop = new ShopWorkspace();
        var promotion = await TwoVersionsAsync(shop);
        await promotion.PromoteAsync(ShopWorkspace.Model, 2, Entry(shop, "by hand"), CancellationToken.None);
        Assert.Equal(2, shop.Champion);

        var change = await promotion.RollBackAsync(ShopWorkspace.Model, "wrong on Sundays", CancellationToken.None);

        Assert.Equal((2, 1, 1), (change.FromVersion, change.ToVersion, shop.Champion));
        var entry = Assert.Single(shop.Ledger(LedgerKind.Rollback));
        Assert.Equal(1, entry.Version);
        Assert.Contains("wrong on Sundays", entry.Summary, StringComparison.Ordinal);
        var error = await Assert.ThrowsAsync<GyreException>(
            () => promotion.RollBackAsync(ShopWorkspace.Model, "", CancellationToken.None));
        Assert.Contains("first champion", error.Message, StringComparison.Ordinal);
        Assert.Single(shop.Ledger(LedgerKind.Rollback));
    }

    [Fact]
    public async Task Promote_AliasCannotMove_LeavesNoLedgerEntry()
    {
        using var shop = new ShopWorkspace();
        var promotion = await TwoVersionsAsync(shop);
        var before = shop.Workspace.Ledger.List().Count;

        await Assert.ThrowsAsync<GyreException>(
            () => promotion.PromoteAsync(ShopWorkspace.Model, 99, Entry(shop, "no such version"), CancellationToken.None));

        Assert.Equal((before, 1), (shop.Workspace.Ledger.List().Count, shop.Champion));
    }

    [Fact]
    public async Task Promote_LedgerCannotBeWritten_LeavesTheAlias()
    {
        using var shop = new ShopWorkspace();
        var promotion = await TwoVersionsAsync(shop);
        await shop.Workspace.Database.WriteAsync(connection =>
        {
            using var command = connection.CreateCommand();
            command.CommandText =
                "CREATE TRIGGER full BEFORE INSERT ON gyre_ledger BEGIN SELECT RAISE(ABORT, 'the disk is full'); END";
            command.ExecuteNonQuery();
        }, CancellationToken.None);

        await Assert.ThrowsAnyAsync<Exception>(
            () => promotion.PromoteAsync(ShopWorkspace.Model, 2, Entry(shop, "by hand"), CancellationToken.None));

        Assert.Equal(1, shop.Champion);
        Assert.Single(shop.Workspace.Registry.AliasHistory(ShopWorkspace.Model, ModelAliases.Champion));
    }

    /// <summary>Version 1 is champion, version 2 was refused.</summary>
    internal static async Task<Promotion> TwoVersionsAsync(ShopWorkspace shop)
    {
        await shop.RunAsync(shop.Define());
        await shop.RunAsync(shop.Define("[kind]"));
        return new Promotion(shop.Workspace);
    }

    internal static LedgerEntry Entry(ShopWorkspace shop, string summary, int version = 2) => new(
        0, shop.Time.Now, ShopWorkspace.Model, LedgerKind.Promotion, summary, null, version, []);
}
