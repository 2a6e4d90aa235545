using System.Runtime.InteropServices;

namespace Gyre.Serving.Traffic.Shadow;

/// <summary>
/// Makes the present thread yield to all others. On Linux a thread's priority of .NET has no effect, but its niceness
/// has: at 19 it gets the processor only when nobody else wants it.
/// </summary>
internal static partial class LowPriorityThread
{
    private const int PriorityOfProcess = 0;
    private const int Nicest = 19;

    /// <summary>Lowers the priority of the calling thread; where the system refuses, it stays as it is.</summary>
    public static void Lower()
    {
        Thread.CurrentThread.Priority = ThreadPriority.Lowest;
        // On Linux "who 0" is the calling thread, not its process (setpriority(2), "C library/kernel differences").
        if (OperatingSystem.IsLinux()) _ = SetPriority(PriorityOfProcess, 0, Nicest);
    }

    [DllImport("libc", EntryPoint = "setpriority")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SetPriority(int which, uint who, int priority);
}
