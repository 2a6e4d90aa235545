namespace Gyre.Primitives;

/// <summary>
/// Writes files and folders that are there whole or not at all: written beside their place, flushed to the device, then
/// renamed. A process killed at any moment leaves at most a `*.tmp` sibling, which nobody reads.
/// </summary>
public static partial class DurableFile
{
    /// <summary>The ending of what is still being written.</summary>
    public const string TemporarySuffix = ".tmp";

    /// <summary>Writes <paramref name="path"/> through <paramref name="write"/>, replacing a file of that name.</summary>
    public static async Task WriteAsync(
        string path, Func<Stream, CancellationToken, Task> write, CancellationToken cancellationToken)
    {
        var temporary = TemporaryBeside(path);
        try
        {
            await using (var file = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None))
            {
                await write(file, cancellationToken);
                file.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    /// <summary>Writes text as UTF-8, replacing a file of that name.</summary>
    public static Task WriteTextAsync(string path, string text, CancellationToken cancellationToken) =>
        WriteAsync(path, async (stream, token) => await stream.WriteAsync(System.Text.Encoding.UTF8.GetBytes(text), token),
            cancellationToken);

    /// <summary>
    /// Makes a folder whole: <paramref name="fill"/> writes into a temporary sibling which is then renamed to
    /// <paramref name="path"/>.
    /// </summary>
    /// <exception cref="IOException">The folder exists already.</exception>
    public static async Task CreateFolderAsync(
        string path, Func<string, CancellationToken, Task> fill, CancellationToken cancellationToken)
    {
        var temporary = TemporaryBeside(path);
        try
        {
            Directory.CreateDirectory(temporary);
            await fill(temporary, cancellationToken);
            foreach (var file in Directory.EnumerateFiles(temporary, "*", SearchOption.AllDirectories)) Flush(file);
            Directory.Move(temporary, path);
        }
        finally
        {
            if (Directory.Exists(temporary)) Directory.Delete(temporary, recursive: true);
        }
    }

    /// <summary>Flushes a file that another writer (a native engine) made to the device.</summary>
    public static void Flush(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read);
        file.Flush(flushToDisk: true);
    }

    /// <summary>Whether a file or folder of that name is still being written, or was left behind.</summary>
    public static bool IsTemporary(string name) => TemporaryName().IsMatch(name);

    /// <summary>A name beside <paramref name="path"/> that no other writer uses; its folder is created.</summary>
    public static string TemporaryBeside(string path)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path));
        if (folder is not null) Directory.CreateDirectory(folder);
        return $"{path}.{Environment.ProcessId}-{Path.GetRandomFileName()[..8]}{TemporarySuffix}";
    }

    // What TemporaryBeside adds; a user's own file may end in .tmp too.
    [System.Text.RegularExpressions.GeneratedRegex(@"\.\d+-[a-z0-9]{8}\.tmp$")]
    private static partial System.Text.RegularExpressions.Regex TemporaryName();
}
