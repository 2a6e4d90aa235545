using System.Security.Cryptography;

namespace Gyre.Tracking;

/// <summary>
/// Where uploads grow until they are whole: a folder of the root that is never listed or read. A file in it is locked
/// while it is written, so that what a killed process left behind can be told from what another one is writing.
/// </summary>
internal sealed class UploadFolder(string path, TimeProvider time)
{
    public const string Name = ".gyre-uploads";
    public const int BufferSize = 128 << 10;

    /// <summary>How long the parts of an upload wait for the next.</summary>
    private static readonly TimeSpan PartsLast = TimeSpan.FromDays(7);

    /// <summary>A file is not locked for a moment before it is moved to its place.</summary>
    private static readonly TimeSpan FilesLast = TimeSpan.FromHours(1);

    private readonly Lock _lock = new();
    private bool _swept;

    /// <summary>A path that nobody else uses.</summary>
    public string NewFile() => System.IO.Path.Combine(Prepare(), NewId());

    /// <summary>The folder of an upload in parts.</summary>
    public string FolderOf(string id) => System.IO.Path.Combine(Prepare(), id);

    public static string NewId() => RandomNumberGenerator.GetHexString(32, lowercase: true);

    /// <summary>Creates a file to be written once, from its start to its end.</summary>
    public static FileStream Create(string path) => new(path, new FileStreamOptions
    {
        Mode = FileMode.CreateNew,
        Access = FileAccess.Write,
        Share = FileShare.None,
        BufferSize = BufferSize,
        Options = FileOptions.Asynchronous,
    });

    private string Prepare()
    {
        lock (_lock)
        {
            Directory.CreateDirectory(path);
            if (!_swept) Sweep();
            _swept = true;
            return path;
        }
    }

    private void Sweep()
    {
        var now = time.GetUtcNow().UtcDateTime;
        foreach (var item in new DirectoryInfo(path).EnumerateFileSystemInfos())
        {
            // A file that appears in a folder sets the folder's time.
            if (item.LastWriteTimeUtc + (item is DirectoryInfo ? PartsLast : FilesLast) > now) continue;
            try
            {
                if (item is DirectoryInfo folder) folder.Delete(recursive: true);
                else Discard(item.FullName);
            }
            catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
            {
                // Locked by a process that is writing it, or swept by another.
            }
        }
    }

    private static void Discard(string file)
    {
        using (new FileStream(file, FileMode.Open, FileAccess.ReadWrite, FileShare.None)) File.Delete(file);
    }
}
