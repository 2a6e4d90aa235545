using System.Collections.Immutable;

namespace Gyre.Serving;

/// <summary>What the prediction log keeps of a model's predictions. Immutable.</summary>
public sealed record LogPolicy
{
    /// <summary>
    /// The share of the predictions that is recorded, 0 to 1; which ones is decided by a hash of their ids, so it can be
    /// told afterwards. The others are answered and counted. Default 1: all.
    /// </summary>
    public double Sample { get; init; } = 1;

    /// <summary>What is recorded of inputs in place of their values, by the input's name. Default nothing: the values.</summary>
    public ImmutableDictionary<string, Redaction> Redact { get; init; } = ImmutableDictionary<string, Redaction>.Empty;

    /// <summary>
    /// How long records are kept, counted from the request; older ones are deleted with their feedback. Null, the
    /// default, keeps them for good.
    /// </summary>
    public TimeSpan? Keep { get; init; }

    internal const string MaskText = "***";
    internal const string HashPrefix = "hmac:";
    internal const int HashDigits = 32;

    /// <summary>Whether a recorded text stands in place of a value.</summary>
    public static bool IsRedacted(string text) =>
        text == MaskText
        || (text.Length == HashPrefix.Length + HashDigits && text.StartsWith(HashPrefix, StringComparison.Ordinal));

    /// <summary>Checks the ranges.</summary>
    /// <exception cref="ArgumentException">A value is out of its range.</exception>
    internal void Validate()
    {
        if (!(Sample is >= 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(Sample), Sample, "0 to 1");
        if (Keep is { } keep) ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(keep, TimeSpan.Zero, nameof(Keep));
    }
}

/// <summary>What is recorded of an input in place of its value. A missing value stays missing.</summary>
public enum Redaction
{
    /// <summary>Nothing, not even the name.</summary>
    Drop,

    /// <summary>
    /// <c>hmac:</c> and 32 hexadecimal digits of a keyed SHA-256: equal values stay equal, and without the workspace's
    /// key nobody can try values out.
    /// </summary>
    Hash,

    /// <summary><c>***</c>: that there was a value.</summary>
    Mask,
}
