using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text.Json;
using Gyre.Primitives;
using Gyre.Training;

namespace Gyre.Loop.Searching;

/// <summary>A trial as a file: the length of its JSON, the JSON, then its out-of-fold predictions as float32, little
/// endian.</summary>
internal static class TrialFile
{
    public static Task WriteAsync(string path, Trial trial, CancellationToken cancellationToken)
    {
        var header = JsonSerializer.SerializeToUtf8Bytes(Header.Of(trial), LoopJson.Compact);
        return DurableFile.WriteAsync(path, async (stream, token) =>
        {
            await stream.WriteAsync(BitConverter.GetBytes(header.Length), token);
            await stream.WriteAsync(header, token);
            if (trial.OutOfFold is { } values)
                await stream.WriteAsync(MemoryMarshal.AsBytes<float>(values).ToArray(), token);
        }, cancellationToken);
    }

    /// <summary>The trial; null when the file is not one.</summary>
    public static Trial? Read(string path)
    {
        try
        {
            var bytes = File.ReadAllBytes(path);
            var length = BitConverter.ToInt32(bytes);
            if (JsonSerializer.Deserialize<Header>(bytes.AsSpan(4, length), LoopJson.Compact) is not { } header) return null;
            var values = MemoryMarshal.Cast<byte, float>(bytes.AsSpan(4 + length)).ToArray();
            return header.ToTrial(values.Length == 0 ? null : values);
        }
        catch (Exception error) when (error is JsonException or ArgumentException or FormatException)
        {
            return null;
        }
    }

    private sealed record Header(
        int Number, string Trainer, Dictionary<string, string> Options, TrialOrigin Origin, double Share, TrialStatus Status,
        double Value, double[] FoldValues, double Seconds, double FoldSeconds, double UsedSeconds, int? Rounds, string? Cause)
    {
        public static Header Of(Trial trial) => new(
            trial.Number, trial.Spec.Trainer, trial.Spec.Options.ToDictionary(), trial.Spec.Origin, trial.Spec.Share,
            trial.Status, trial.Value, [.. trial.FoldValues], trial.Seconds, trial.FoldSeconds, trial.UsedSeconds,
            trial.Rounds, trial.Cause);

        public Trial ToTrial(float[]? outOfFold) => new(
            Number, new TrialSpec(Trainer, Options.ToImmutableSortedDictionary(StringComparer.Ordinal), Origin, Share), Status)
        {
            Value = Value, FoldValues = [.. FoldValues], Seconds = Seconds, FoldSeconds = FoldSeconds,
            UsedSeconds = UsedSeconds, Rounds = Rounds, Cause = Cause, OutOfFold = outOfFold,
        };
    }
}
