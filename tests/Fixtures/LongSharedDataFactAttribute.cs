namespace Gyre.Fixtures;

/// <summary>As <see cref="SharedDataFactAttribute"/>, for tests of minutes: skipped unless GYRE_LONG is 1.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class LongSharedDataFactAttribute : SharedDataFactAttribute
{
    public LongSharedDataFactAttribute(params string[] dataFiles)
        : base(dataFiles)
    {
        if (Environment.GetEnvironmentVariable("GYRE_LONG") != "1") Skip ??= "Takes a minute or more; GYRE_LONG=1 runs it.";
    }
}
