using System.Collections.Immutable;
using System.Text;
using Gyre.Primitives;
using Gyre.Training;

namespace Gyre.Models.Explanation;

/// <summary>The explanation file's form, little-endian. The same content gives the same bytes.</summary>
internal static class ExplanationBytes
{
    private const int HashLength = 32;
    private const int MostColumns = 1 << 20;

    private static readonly byte[] Magic = "GYREXPL1"u8.ToArray();

    public static byte[] Write(ExplanationContent content)
    {
        using var buffer = new MemoryStream();
        using var to = new BinaryWriter(buffer, Encoding.UTF8);
        to.Write(Magic);
        to.Write(content.ModelHash.AsSpan());
        to.Write(content.Graph.Length);
        to.Write(content.Graph);
        to.Write(content.IsCalibrated);
        to.Write7BitEncodedInt(content.Columns.Length);
        foreach (var column in content.Columns)
        {
            to.Write(column.Name);
            to.Write7BitEncodedInt(column.Sources.Length);
            foreach (var source in column.Sources) to.Write(source);
        }

        to.Write7BitEncodedInt(content.Parts.Length);
        foreach (var (position, column) in content.Parts)
        {
            to.Write7BitEncodedInt(position);
            to.Write7BitEncodedInt(column);
        }

        to.Write(content.Linear is not null);
        if (content.Linear is { } linear) WriteTerms(to, linear);
        else if (content.Trees is { } trees) WriteTrees(to, trees);
        to.Flush();
        return buffer.ToArray();
    }

    /// <exception cref="GyreException">The bytes are no such file.</exception>
    public static ExplanationContent Read(byte[] bytes, string place)
    {
        using var from = new BinaryReader(new MemoryStream(bytes, writable: false), Encoding.UTF8);
        try
        {
            return Read(from);
        }
        catch (Exception error) when (error is InvalidDataException or EndOfStreamException or FormatException
            or ArgumentException or IOException)
        {
            throw GyreException.Invalid($"{place}: no explanation file of Gyre's ({error.Message})", error);
        }
    }

    private static ExplanationContent Read(BinaryReader from)
    {
        if (!from.ReadBytes(Magic.Length).AsSpan().SequenceEqual(Magic))
            throw new InvalidDataException("it begins otherwise");
        ImmutableArray<byte> hash = [.. from.ReadBytes(HashLength)];
        var graph = from.ReadBytes(TreeBytes.Below(from.ReadInt32(), (int)from.BaseStream.Length));
        var calibrated = from.ReadBoolean();
        var columns = new ExplainedColumn[TreeBytes.Below(from.Read7BitEncodedInt(), MostColumns)];
        for (var i = 0; i < columns.Length; i++)
        {
            var name = from.ReadString();
            var sources = new string[TreeBytes.Below(from.Read7BitEncodedInt(), MostColumns)];
            for (var j = 0; j < sources.Length; j++) sources[j] = from.ReadString();
            columns[i] = new ExplainedColumn(name, [.. sources]);
        }

        var parts = new ExplainedPart[TreeBytes.Below(from.Read7BitEncodedInt(), MostColumns)];
        for (var i = 0; i < parts.Length; i++)
        {
            var position = TreeBytes.Below(from.Read7BitEncodedInt(), MostColumns);
            parts[i] = new ExplainedPart(position, TreeBytes.Below(from.Read7BitEncodedInt(), columns.Length));
        }

        var isLinear = from.ReadBoolean();
        return new ExplanationContent(
            hash, graph, [.. columns], [.. parts], isLinear ? null : ReadTrees(from, parts.Length),
            isLinear ? ReadTerms(from, parts.Length) : null, calibrated);
    }

    private static void WriteTerms(BinaryWriter to, LinearTerms linear)
    {
        to.Write((byte)linear.Link);
        to.Write7BitEncodedInt(linear.Start.Length);
        foreach (var start in linear.Start) to.Write(start);
        foreach (var mean in linear.Means) to.Write(mean);
    }

    private static LinearTerms ReadTerms(BinaryReader from, int parts)
    {
        var link = ReadLink(from);
        var start = new double[TreeBytes.Below(from.Read7BitEncodedInt() - 1, MostColumns) + 1];
        if (parts % start.Length != 0)
            throw new InvalidDataException($"{parts} terms are not of {start.Length} outputs");
        for (var i = 0; i < start.Length; i++) start[i] = from.ReadDouble();
        var means = new double[parts];
        for (var i = 0; i < means.Length; i++) means[i] = from.ReadDouble();
        return new LinearTerms([.. start], [.. means], link);
    }

    private static OutputLink ReadLink(BinaryReader from) =>
        (OutputLink)TreeBytes.Below(from.ReadByte(), Enum.GetValues<OutputLink>().Length);

    private static void WriteTrees(BinaryWriter to, ExplainedTrees trees)
    {
        to.Write((byte)trees.Link);
        to.Write(trees.Scale);
        to.Write7BitEncodedInt(trees.Start.Length);
        foreach (var start in trees.Start) to.Write(start);
        to.Write(!trees.Means.IsEmpty);
        to.Write7BitEncodedInt(trees.Trees.Length);
        for (var t = 0; t < trees.Trees.Length; t++)
        {
            TreeBytes.Write(to, trees.Trees[t]);
            if (!trees.Means.IsEmpty) TreeBytes.WriteMeans(to, trees.Means[t]);
        }
    }

    private static ExplainedTrees ReadTrees(BinaryReader from, int features)
    {
        var link = ReadLink(from);
        var scale = from.ReadDouble();
        var start = new double[TreeBytes.Below(from.Read7BitEncodedInt(), MostColumns)];
        for (var i = 0; i < start.Length; i++) start[i] = from.ReadDouble();
        var shared = from.ReadBoolean();
        var trees = ImmutableArray.CreateBuilder<Tree>();
        var means = ImmutableArray.CreateBuilder<LeafMeans>();
        for (var left = from.Read7BitEncodedInt(); left > 0; left--)
        {
            trees.Add(TreeBytes.Read(from, features, start.Length));
            if (shared) means.Add(TreeBytes.ReadMeans(from, trees[^1].NodeCount, start.Length));
        }

        return new ExplainedTrees(trees.ToImmutable(), [.. start], link, means.ToImmutable(), scale);
    }
}
