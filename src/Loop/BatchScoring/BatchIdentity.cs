using Gyre.Data;

namespace Gyre.Loop.BatchScoring;

/// <summary>What a run is of: when any of it differs, what an earlier run has finished cannot be used.</summary>
/// <param name="Format">The form of parts and journal; raised when it changes.</param>
/// <param name="Model">The model and its version.</param>
/// <param name="ModelHash">The hash of the model file.</param>
/// <param name="Files">Path, size and time of every file.</param>
/// <param name="Columns">What is written, in order.</param>
/// <param name="Limit">How many rows at most.</param>
internal sealed record BatchIdentity(
    int Format, string Model, string ModelHash, SourceFileStamp[] Files, string[] Columns, long? Limit)
{
    public const int Current = 1;

    public bool Equals(BatchIdentity? other) => other is not null && DifferenceFrom(other) is null;

    public override int GetHashCode() => HashCode.Combine(Model, ModelHash);

    /// <summary>What differs, for people; null when nothing does.</summary>
    public string? DifferenceFrom(BatchIdentity now)
    {
        if (Format != now.Format) return "another version of Gyre made it";
        if (Model != now.Model || ModelHash != now.ModelHash) return $"the model was {Model}, now it is {now.Model}";
        if (!Files.SequenceEqual(now.Files))
        {
            var changed = now.Files.Except(Files).Select(f => f.Path).FirstOrDefault();
            return changed is null ? "the files are others" : $"{changed} has changed";
        }

        if (!Columns.SequenceEqual(now.Columns)) return "the columns are others";
        return Limit != now.Limit ? "the limit is another" : null;
    }
}
