using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using Gyre.Primitives;

namespace Gyre.Tracking.Storage;

/// <summary>
/// A process's claim on the runs it starts: a file that it keeps locked while it lives. The operating system lets go of
/// the
/// lock when the process ends, however it ends, so a run whose owner's file can be locked (or is gone) is orphaned;
/// reused
/// process ids cannot confuse it. Where the file system has no locks, a process of this host with the same id and start
/// time counts as the owner, still alive.
/// </summary>
internal sealed class ProcessOwner : IProcessOwner
{
    /// <summary>The tag that names a run's owner.</summary>
    public const string Tag = "gyre.owner";

    /// <summary>A lock file younger than this may be one that is just being made.</summary>
    private static readonly TimeSpan SweepAge = TimeSpan.FromMinutes(1);

    private readonly FileStream _lock;

    private ProcessOwner(string folder, string id, FileStream file) => (Folder, Id, _lock) = (folder, id, file);

    /// <summary>
    /// Identity of this claim: 32 hex digits, then host, process id and start time, separated by slashes.
    /// </summary>
    public string Id { get; }

    private string Folder { get; }

    public static ProcessOwner Claim(string folder, TimeProvider time)
    {
        Directory.CreateDirectory(folder);
        var id = NewId(time);
        var file = new FileStream(FileOf(folder, id), FileMode.Create, FileAccess.Write, FileShare.None, 1,
            FileOptions.DeleteOnClose);
        return new ProcessOwner(folder, id, file);
    }

    /// <summary>An identity for a claim of this process.</summary>
    public static string NewId(TimeProvider time)
    {
        using var process = Process.GetCurrentProcess();
        return string.Create(CultureInfo.InvariantCulture,
            $"{new IdGenerator(time).Next()}/{Environment.MachineName}/{Environment.ProcessId}/{StartOf(process)}");
    }

    /// <inheritdoc/>
    public bool IsAlive(string id) => id == Id
        || (FileOf(Folder, id) is var file && File.Exists(file) && (IsLocked(file) || IsRunningHere(id)));

    /// <summary>Whether a living process has a claim in a folder.</summary>
    public static bool AnyAlive(string folder) =>
        Directory.Exists(folder) && Directory.EnumerateFiles(folder, "*.lock").Any(IsLocked);

    /// <summary>Removes the lock files of claims whose process is gone.</summary>
    public void Sweep()
    {
        var before = TimeProvider.System.GetUtcNow() - SweepAge;
        foreach (var file in Directory.EnumerateFiles(Folder, "*.lock"))
        {
            if (File.GetLastWriteTimeUtc(file) < before.UtcDateTime && !IsLocked(file)) File.Delete(file);
        }
    }

    public void Dispose() => _lock.Dispose();

    private static string FileOf(string folder, string id) => Path.Combine(folder, id.Split('/')[0] + ".lock");

    private static bool IsLocked(string path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            return false;
        }
        catch (Exception ex) when (ex is FileNotFoundException or DirectoryNotFoundException)
        {
            return false;
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
        {
            return true;
        }
    }

    private static bool IsRunningHere(string id)
    {
        var parts = id.Split('/');
        if (parts.Length != 4 || parts[1] != Environment.MachineName
            || !int.TryParse(parts[2], CultureInfo.InvariantCulture, out var processId)
            || !long.TryParse(parts[3], CultureInfo.InvariantCulture, out var start)) return false;
        try
        {
            using var process = Process.GetProcessById(processId);
            return Math.Abs(StartOf(process) - start) <= 2;
        }
        catch (Exception ex) when (ex is ArgumentException or InvalidOperationException or Win32Exception)
        {
            return false;
        }
    }

    /// <summary>
    /// Seconds since 1970; the system's clock may be corrected meanwhile, hence the two seconds above.
    /// </summary>
    private static long StartOf(Process process) => new DateTimeOffset(process.StartTime).ToUnixTimeSeconds();
}
