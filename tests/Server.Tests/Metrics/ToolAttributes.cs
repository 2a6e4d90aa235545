namespace Gyre.Server.Tests.Metrics;

/// <summary>A test that needs a program of Debian's package <c>prometheus</c>.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class ToolFactAttribute : FactAttribute
{
    public ToolFactAttribute(string tool) => Skip = Tools.Missing(tool);
}

/// <inheritdoc cref="ToolFactAttribute"/>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class ToolTheoryAttribute : TheoryAttribute
{
    public ToolTheoryAttribute(string tool) => Skip = Tools.Missing(tool);
}

internal static class Tools
{
    /// <summary>Why a program cannot be used, or null.</summary>
    public static string? Missing(string tool)
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        return folders.Any(folder => File.Exists(Path.Combine(folder, tool)))
            ? null
            : $"{tool} (Debian package 'prometheus') is not installed.";
    }
}
