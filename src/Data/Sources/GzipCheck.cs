using Gyre.Primitives;

namespace Gyre.Data.Sources;

/// <summary>Inflates a gzip to its end, because the engine takes a truncated one for whole.</summary>
internal static class GzipCheck
{
    /// <exception cref="GyreException">The gzip is truncated or damaged.</exception>
    public static void Run(SourceFile file, CancellationToken cancellationToken)
    {
        try
        {
            using var stream = file.OpenText();
            Drain(stream, cancellationToken);
        }
        catch (InvalidDataException ex)
        {
            throw Damaged(file, ex);
        }
    }

    public static void Drain(Stream stream, CancellationToken cancellationToken)
    {
        var buffer = new byte[1 << 16];
        while (stream.Read(buffer) > 0) cancellationToken.ThrowIfCancellationRequested();
    }

    public static GyreException Damaged(SourceFile file, InvalidDataException cause) =>
        GyreException.Invalid($"{file.Path}: the gzip is truncated or damaged", cause);
}
