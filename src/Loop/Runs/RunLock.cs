using Gyre.Primitives;

namespace Gyre.Loop.Runs;

/// <summary>One pipeline run or drill at a time per workspace, over all processes. The system frees it when a process dies.</summary>
internal sealed class RunLock : IDisposable
{
    private readonly FileStream _file;

    private RunLock(FileStream file) => _file = file;

    /// <summary>Takes the lock.</summary>
    /// <exception cref="GyreException">Another run is under way.</exception>
    public static RunLock Take(string stateFolder) => TryTake(stateFolder) ?? throw new GyreException(
        ErrorCode.Conflict, "another run or drill of this workspace is under way; wait for it or stop it");

    /// <summary>Takes the lock, or returns null when another run is under way.</summary>
    public static RunLock? TryTake(string stateFolder)
    {
        Directory.CreateDirectory(stateFolder);
        try
        {
            return new RunLock(new FileStream(
                Path.Combine(stateFolder, "run.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException)
        {
            return null;
        }
    }

    public void Dispose() => _file.Dispose();
}
