namespace Gyre.Training;

/// <summary>
/// How columns become a model's numbers: <see cref="NoPreprocessing"/>, <see cref="TreePreprocessing"/> or
/// <see cref="LinearPreprocessing"/>. Immutable, thread-safe.
/// </summary>
public abstract class Preprocessing
{
    private protected Preprocessing()
    {
    }
}

/// <summary>For a model that looks at no column.</summary>
public sealed class NoPreprocessing : Preprocessing
{
    /// <summary>The only one there is.</summary>
    public static NoPreprocessing Instance { get; } = new();
}
