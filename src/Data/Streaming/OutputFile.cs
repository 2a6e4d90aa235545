using Gyre.DuckDb;
using Gyre.Primitives;

namespace Gyre.Data;

/// <summary>Lets the engine write a file that is there whole or not at all.</summary>
internal static class OutputFile
{
    /// <summary>Writes beside the place, flushes, renames.</summary>
    /// <exception cref="GyreException">The file cannot be written.</exception>
    public static void Write(string path, Action<string> write)
    {
        string? temporary = null;
        try
        {
            temporary = DurableFile.TemporaryBeside(path);
            write(temporary);
            DurableFile.Flush(temporary);
            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or DuckDbException)
        {
            throw new GyreException(ErrorCode.Unavailable, $"{path}: cannot be written: {error.Message}", error);
        }
        finally
        {
            if (temporary is not null) File.Delete(temporary);
        }
    }
}
