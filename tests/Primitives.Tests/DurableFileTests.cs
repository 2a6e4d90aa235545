using Gyre.Fixtures;

namespace Gyre.Primitives.Tests;

public class DurableFileTests
{
    [Fact]
    public async Task WriteAsync_WriterFails_LeavesTheOldFileAndNothingElse()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("a.txt");
        await DurableFile.WriteTextAsync(path, "old", CancellationToken.None);

        await Assert.ThrowsAsync<InvalidOperationException>(() => DurableFile.WriteAsync(path,
            (_, _) => throw new InvalidOperationException("half way"), CancellationToken.None));

        Assert.Equal("old", await File.ReadAllTextAsync(path));
        Assert.Equal([path], Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public async Task CreateFolderAsync_FillFails_LeavesNothing()
    {
        using var folder = new TemporaryFolder();
        await Assert.ThrowsAsync<InvalidOperationException>(() => DurableFile.CreateFolderAsync(folder.File("model"),
            (inner, _) =>
            {
                File.WriteAllText(Path.Combine(inner, "half"), "");
                throw new InvalidOperationException("half way");
            },
            CancellationToken.None));
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public void IdGenerator_Next_SortsByTimeAndDiffers()
    {
        var ids = new IdGenerator(TimeProvider.System);
        var first = ids.Next();
        Assert.Matches("^[0-9a-f]{32}$", first);
        Assert.NotEqual(first, ids.Next());
    }
}
