using System.Runtime.InteropServices;

namespace Gyre.OnnxRuntime;

/// <summary>
/// Gives memory that ended sessions have freed back to the system. The C library of Linux keeps it for its own later
/// use otherwise, so that a server that loads and unloads models would never shrink. Thread-safe.
/// </summary>
internal static partial class FreedMemory
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private static int _isPlanned;

    /// <summary>Plans it; what is freed within the next second goes with it.</summary>
    public static void GiveBackSoon()
    {
        if (!OperatingSystem.IsLinux() || Interlocked.Exchange(ref _isPlanned, 1) == 1) return;
        _ = GiveBackAsync();
    }

    private static async Task GiveBackAsync()
    {
        await Task.Delay(Pause).ConfigureAwait(false);
        Volatile.Write(ref _isPlanned, 0);
        try
        {
            _ = Trim(0);
        }
        catch (EntryPointNotFoundException)
        {
            // Another C library than glibc, which has its own ways.
        }
    }

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Trim(nuint keep);
}
