namespace Gyre.Fixtures;

/// <summary>A fact that needs files which are not shipped; skipped, with the reason, where they are absent.</summary>
[AttributeUsage(AttributeTargets.Method)]
[System.Diagnostics.CodeAnalysis.SuppressMessage(
    "Performance", "CA1852", Justification = "Compiled into every test project; one derives from it.")]
internal class SharedDataFactAttribute : FactAttribute
{
    public SharedDataFactAttribute(params string[] dataFiles)
    {
        if (dataFiles.FirstOrDefault(file => TestData.Shared(file) is null) is { } absent)
            Skip = $"'{absent}' is not shipped and is absent beside this checkout.";
    }
}
