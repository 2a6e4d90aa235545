using Gyre.Primitives;

namespace Gyre.Loop.Runs;

/// <summary>One pipeline run at a time per workspace, over all processes. The system frees it when a process dies.</summary>
internal sealed class RunLock : IDisposable
{
    private readonly FileStream _file;

    private RunLock(FileStream file) => _file = file;

    /// <summary>Takes the lock.</summary>
    /// <exception cref="GyreException">Another run is under way.</exception>
    public static RunLock Take(string stateFolder)
    {
        Directory.CreateDirectory(stateFolder);
        try
        {
            return new RunLock(new FileStream(
                Path.Combine(stateFolder, "run.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException)
        {
            throw new GyreException(ErrorCode.Conflict, "another run of this workspace is under way; wait for it or stop it");
        }
    }

    public void Dispose() => _file.Dispose();
}
