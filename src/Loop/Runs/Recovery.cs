using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Gyre.Loop.Deployment;
using Gyre.Primitives;

namespace Gyre.Loop.Runs;

/// <summary>
/// Puts right what a killed process left: its runs are marked as failed, half-written files are removed, and a drill that was cut
/// short gives the champion back. Only for the holder of the <see cref="RunLock"/>.
/// </summary>
internal sealed partial class Recovery(Workspace workspace)
{
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await workspace.Runs.FailOrphansAsync(cancellationToken);
        RemoveHalfWritten();
        await new DrillRecovery(workspace).RunAsync(cancellationToken);
    }

    private void RemoveHalfWritten()
    {
        var found = Directory.EnumerateFileSystemEntries(
            workspace.StateFolder, "*" + DurableFile.TemporarySuffix, SearchOption.AllDirectories).ToList();
        foreach (var path in found.Where(IsOrphan))
        {
            if (Directory.Exists(path)) Directory.Delete(path, recursive: true);
            else File.Delete(path);
        }
    }

    /// <summary>Whether the process that its name tells of is gone; a number may have been given out again since.</summary>
    private static bool IsOrphan(string path)
    {
        if (Writer().Match(Path.GetFileName(path)) is not { Success: true } match ||
            !int.TryParse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture, out var id))
            return false;
        try
        {
            using var process = Process.GetProcessById(id);
            return File.GetLastWriteTimeUtc(path) < process.StartTime.ToUniversalTime();
        }
        catch (Exception error) when (error is ArgumentException or InvalidOperationException)
        {
            return true;
        }
    }

    /// <summary>As <see cref="DurableFile.TemporaryBeside"/> names files.</summary>
    [GeneratedRegex(@"\.(\d+)-[a-z0-9]{8}\.tmp$")]
    private static partial Regex Writer();
}
