namespace Gyre.Fixtures;

/// <summary>Where test data lies.</summary>
internal static class TestData
{
    /// <summary>The root of this checkout.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>A file shipped in <c>data/</c>.</summary>
    public static string Shipped(string name) => Path.Combine(Root, "data", name);

    /// <summary>A file of the data collection beside the checkout (`shared/data`), or null where it is absent.</summary>
    public static string? Shared(string name) =>
        Path.Combine(Root, "..", "shared", "data", name) is var path && File.Exists(path) ? Path.GetFullPath(path) : null;

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Gyre.slnx"))) folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("The tests run outside a checkout.");
    }
}
