using Gyre.Primitives;
using Gyre.Tracking.Search;

namespace Gyre.Tracking;

/// <summary>What a dataset that a run used may say.</summary>
internal static class DatasetLimits
{
    /// <summary>How many summaries one answer holds.</summary>
    public const int MaxSummaries = 1000;

    private const int MaxName = 500;
    private const int MaxDigest = 36;
    private const int MaxSchema = 1_048_575;
    private const int MaxSource = 65_535;
    private const int MaxProfile = 16_777_215;
    private const int MaxTagKey = 255;
    private const int MaxTagValue = 500;

    public static void Check(DatasetInputRecord dataset, string path)
    {
        CheckLength(dataset.Name, $"{path}.dataset.name", MaxName);
        CheckLength(dataset.Digest, $"{path}.dataset.digest", MaxDigest);
        CheckLength(dataset.SourceType, $"{path}.dataset.source_type", MaxDigest);
        CheckLength(dataset.Source, $"{path}.dataset.source", MaxSource);
        CheckLength(dataset.Schema ?? "", $"{path}.dataset.schema", MaxSchema);
        CheckLength(dataset.Profile ?? "", $"{path}.dataset.profile", MaxProfile);
        for (var i = 0; i < dataset.Tags.Count; i++)
        {
            CheckLength(dataset.Tags[i].Key, $"{path}.tags[{i}].key", MaxTagKey);
            CheckLength(dataset.Tags[i].Value, $"{path}.tags[{i}].value", MaxTagValue);
        }
    }

    private static void CheckLength(string text, string path, int most)
    {
        if (text.Length > most)
        {
            throw GyreException.Invalid(
                $"'{path}' exceeds the maximum length of {most} characters: it has {text.Length}.");
        }
    }
}
