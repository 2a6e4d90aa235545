using Gyre.Primitives;

namespace Gyre.Tracking.Tests;

public class ArtifactStoreTests
{
    [Fact]
    public async Task WriteTextAsync_NestedPath_IsListed()
    {
        using var workspace = new Workspace();
        var run = await workspace.Runs.StartAsync(new RunStart(0, "r"));
        await workspace.Artifacts.WriteTextAsync(run, "plots/a.txt", "x", CancellationToken.None);
        await workspace.Artifacts.WriteTextAsync(run, "b.txt", "y", CancellationToken.None);
        await workspace.Artifacts.WriteTextAsync(run, "c.tmp", "z", CancellationToken.None);
        await File.WriteAllTextAsync(Path.Combine(workspace.Artifacts.FolderOf(run), "half.1-abcd0123.tmp"), "");

        Assert.Equal(["b.txt", "c.tmp", "plots/a.txt"], workspace.Artifacts.List(run));
        Assert.Equal(
            Path.Combine(workspace.Artifacts.Root, "0", run.Id, "artifacts"), workspace.Artifacts.FolderOf(run));
    }

    [Theory]
    [InlineData("../a")]
    [InlineData("a/../../b")]
    [InlineData("/etc/passwd")]
    [InlineData("a//b")]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("a\\..\\b")]
    [InlineData("C:\\a")]
    [InlineData("a\0b")]
    public async Task PathOf_LeadsOut_IsRefused(string path)
    {
        using var workspace = new Workspace();
        var run = await workspace.Runs.StartAsync(new RunStart(0, "r"));
        Assert.Equal(
            ErrorCode.InvalidInput, Assert.Throws<GyreException>(() => workspace.Artifacts.PathOf(run, path)).Code);
    }

    [Fact]
    public async Task PathOf_ThroughASymbolicLink_IsRefused()
    {
        using var workspace = new Workspace();
        var run = await workspace.Runs.StartAsync(new RunStart(0, "r"));
        Directory.CreateSymbolicLink(Path.Combine(workspace.Artifacts.FolderOf(run), "out"), "/etc");
        Assert.Throws<GyreException>(() => workspace.Artifacts.PathOf(run, "out/passwd"));
    }

    [Theory]
    [InlineData("mlflow-artifacts:/../a")]
    [InlineData("mlflow-artifacts:/0/../../a")]
    [InlineData("s3://bucket/a")]
    public void FolderOf_NotALocalArtifact_IsRefused(string uri)
    {
        using var workspace = new Workspace();
        Assert.Throws<GyreException>(() => workspace.Artifacts.FolderOf(uri));
    }

    [Fact]
    public void UriOf_OutsideTheRoot_IsAFileUriAndComesBack()
    {
        using var workspace = new Workspace();
        var folder = Path.Combine(workspace.Folder, "else where");
        Assert.Equal(folder, workspace.Artifacts.FolderOf(workspace.Artifacts.UriOf(folder)));
        Assert.StartsWith("file:///", workspace.Artifacts.UriOf(folder), StringComparison.Ordinal);
    }
}
