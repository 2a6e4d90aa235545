using System.Buffers;
using System.Data.Common;
using System.Text;
using System.Text.Json;
using Gyre.Serving.Recording;
using Gyre.Tracking.Storage;

namespace Gyre.Serving.Storage;

/// <summary>
/// Finds predictions by their ids: 1. the blocks whose ids could be among them, by the index; 2. of each such block the
/// ids that begin its lines.
/// </summary>
internal sealed class BlockSearch(DbConnection connection)
{
    private const int LongestId = 64;

    /// <summary>Those of the ids that are in the log of a model.</summary>
    public HashSet<string> Find(string model, HashSet<string> ids)
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        // No other text is an id, and some of it no database takes.
        var sorted = ids.Where(IsId).Order(StringComparer.Ordinal).ToArray();
        if (sorted.Length == 0) return found;
        var wanted = ids.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach (var block in Candidates(model, sorted))
        {
            // 2: an id of the range may still be in another block of that time.
            if (!HasAny(sorted, block.First, block.Last)) continue;
            using var command = connection.Command(
                "SELECT block_id, records FROM gyre_prediction_blocks WHERE block_id = $1", block.Id);
            using var reader = command.ExecuteReader();
            while (reader.Read()) Match(reader, wanted, found);
        }

        return found;
    }

    private List<(long Id, string First, string Last)> Candidates(string model, string[] ids) // 1
    {
        var buckets = ids.Select(id => id[..Math.Min(id.Length, BlockWriter.BucketLength)])
            .Distinct(StringComparer.Ordinal);
        return connection.Query(
            $"""
            SELECT block_id, first_id, last_id FROM gyre_prediction_blocks
            WHERE bucket IN {connection.TextsOf("$1")} AND model = $2
            """,
            reader => (reader.GetInt64(0), reader.GetString(1), reader.GetString(2)),
            JsonSerializer.Serialize(buckets), model);
    }

    private static bool HasAny(string[] sorted, string first, string last)
    {
        var at = Array.BinarySearch(sorted, first, StringComparer.Ordinal);
        if (at < 0) at = ~at;
        return at < sorted.Length && string.CompareOrdinal(sorted[at], last) <= 0;
    }

    private static void Match(
        DbDataReader reader, HashSet<string>.AlternateLookup<ReadOnlySpan<char>> wanted, HashSet<string> found)
    {
        using var stream = reader.GetStream(1);
        var buffer = ArrayPool<byte>.Shared.Rent(256 << 10);
        try
        {
            var length = 0;
            while (stream.Read(buffer, length, buffer.Length - length) is var read and > 0)
            {
                length += read;
                var rest = MatchLines(buffer.AsSpan(0, length), wanted, found);
                length -= rest;
                buffer.AsSpan(rest, length).CopyTo(buffer);
                // A line longer than the buffer: only its beginning matters, but its end must be found.
                if (length == buffer.Length) length = Math.Min(length, LongestId * 2);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Looks at the lines that are whole; returns where the rest begins.</summary>
    private static int MatchLines(
        ReadOnlySpan<byte> text, HashSet<string>.AlternateLookup<ReadOnlySpan<char>> wanted, HashSet<string> found)
    {
        var start = 0;
        Span<char> id = stackalloc char[LongestId];
        while (text[start..].IndexOf((byte)'\n') is var length and >= 0)
        {
            var line = text.Slice(start, length);
            start += length + 1;
            if (!line.StartsWith("[\""u8)) continue;
            var end = line[2..].IndexOf((byte)'"');
            if (end is < 1 or > LongestId) continue;
            var chars = id[..Encoding.UTF8.GetChars(line.Slice(2, end), id)];
            if (wanted.TryGetValue(chars, out var known)) found.Add(known);
        }

        return start;
    }

    private static bool IsId(string text) =>
        text.Length is > 0 and <= LongestId && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');
}
