using System.Collections.Immutable;
using Gyre.Training;

namespace Gyre.Models.Explanation;

/// <summary>
/// Trees as bytes, about 8 a node: feature + 1 (0 for a leaf), then for an inner node a threshold or set of
/// categories and how far its
/// children stand behind it, for a leaf its value; and the number of training rows.
/// </summary>
internal static class TreeBytes
{
    private const int DefaultLeft = 1;
    private const int Categorical = 2;
    private const int WholeCover = 4;

    public static void Write(BinaryWriter to, Tree tree)
    {
        to.Write7BitEncodedInt(tree.Output);
        to.Write7BitEncodedInt(tree.NodeCount);
        for (var node = 0; node < tree.NodeCount; node++)
        {
            to.Write7BitEncodedInt(tree.Feature[node] + 1);
            var cover = tree.Cover[node];
            var whole = cover is >= 0 and < 1 << 24 && cover == MathF.Truncate(cover);
            to.Write((byte)((tree.DefaultLeft[node] ? DefaultLeft : 0) | (tree.CategorySet[node] >= 0 ? Categorical : 0)
                | (whole ? WholeCover : 0)));
            if (whole) to.Write7BitEncodedInt((int)cover);
            else to.Write(cover);
            if (tree.IsLeaf(node))
            {
                to.Write(tree.Value[node]);
                continue;
            }

            to.Write7BitEncodedInt(tree.Left[node] - node);
            to.Write7BitEncodedInt(tree.Right[node] - node);
            if (tree.CategorySet[node] < 0) to.Write(tree.Threshold[node]);
            else WriteSet(to, tree.CategorySets[tree.CategorySet[node]]);
        }
    }

    /// <exception cref="InvalidDataException">It is no tree over so many features and outputs.</exception>
    public static Tree Read(BinaryReader from, int features, int outputs)
    {
        var output = Below(from.Read7BitEncodedInt(), outputs);
        // Every node takes bytes: a length that lies is noticed before anything of its size is made.
        var left = from.BaseStream.Length - from.BaseStream.Position;
        var count = Below(from.Read7BitEncodedInt(), (int)Math.Min(int.MaxValue, left));
        if (count == 0) throw new InvalidDataException("a tree has no node");
        var nodes = new Nodes(count);
        for (var node = 0; node < count; node++) ReadNode(from, nodes, node, features);
        return nodes.Build(output);
    }

    public static void WriteMeans(BinaryWriter to, LeafMeans means)
    {
        for (var node = 0; node + 1 < means.First.Length; node++)
        {
            to.Write7BitEncodedInt(means.First[node + 1] - means.First[node]);
            for (var i = means.First[node]; i < means.First[node + 1]; i++)
            {
                to.Write7BitEncodedInt(means.Output[i]);
                to.Write(means.Value[i]);
            }
        }
    }

    /// <exception cref="InvalidDataException">They do not fit a tree of so many nodes.</exception>
    public static LeafMeans ReadMeans(BinaryReader from, int nodes, int outputs)
    {
        var first = ImmutableArray.CreateBuilder<int>(nodes + 1);
        var output = ImmutableArray.CreateBuilder<int>();
        var value = ImmutableArray.CreateBuilder<float>();
        first.Add(0);
        for (var node = 0; node < nodes; node++)
        {
            for (var left = Below(from.Read7BitEncodedInt(), outputs + 1); left > 0; left--)
            {
                output.Add(Below(from.Read7BitEncodedInt(), outputs));
                value.Add(from.ReadSingle());
            }

            first.Add(output.Count);
        }

        return LeafMeans.Of(first.MoveToImmutable(), output.ToImmutable(), value.ToImmutable());
    }

    /// <exception cref="InvalidDataException">It is not.</exception>
    public static int Below(int value, int limit) =>
        (uint)value < (uint)limit
            ? value
            : throw new InvalidDataException($"{value} stands where less than {limit} is allowed");

    private static void WriteSet(BinaryWriter to, ImmutableArray<int> codes)
    {
        to.Write7BitEncodedInt(codes.Length);
        for (var (i, last) = (0, 0); i < codes.Length; last = codes[i++]) to.Write7BitEncodedInt(codes[i] - last);
    }

    private static void ReadNode(BinaryReader from, Nodes nodes, int node, int features)
    {
        var feature = Below(from.Read7BitEncodedInt(), features + 1) - 1;
        var flags = from.ReadByte();
        nodes.Feature[node] = feature;
        nodes.DefaultLeft[node] = (flags & DefaultLeft) != 0;
        nodes.Cover[node] = (flags & WholeCover) != 0 ? from.Read7BitEncodedInt() : from.ReadSingle();
        nodes.CategorySet[node] = -1;
        if (feature == Tree.Leaf)
        {
            nodes.Value[node] = from.ReadSingle();
            return;
        }

        nodes.Left[node] = node + 1 + Below(from.Read7BitEncodedInt() - 1, nodes.Feature.Length - node - 1);
        nodes.Right[node] = node + 1 + Below(from.Read7BitEncodedInt() - 1, nodes.Feature.Length - node - 1);
        if ((flags & Categorical) == 0)
        {
            nodes.Threshold[node] = from.ReadSingle();
            return;
        }

        nodes.CategorySet[node] = nodes.Sets.Count;
        var codes = new int[Below(from.Read7BitEncodedInt(), 256)]; // a feature keeps at most 255 categories
        for (var (i, last) = (0, 0); i < codes.Length; i++)
            last = codes[i] = last + Below(from.Read7BitEncodedInt(), 256);
        nodes.Sets.Add([.. codes]);
    }

    private sealed class Nodes(int count)
    {
        public int[] Feature { get; } = new int[count];
        public float[] Threshold { get; } = new float[count];
        public int[] Left { get; } = new int[count];
        public int[] Right { get; } = new int[count];
        public bool[] DefaultLeft { get; } = new bool[count];
        public int[] CategorySet { get; } = new int[count];
        public float[] Value { get; } = new float[count];
        public float[] Cover { get; } = new float[count];
        public List<ImmutableArray<int>> Sets { get; } = [];

        public Tree Build(int output) => new()
        {
            Output = output, Feature = [.. Feature], Threshold = [.. Threshold], Left = [.. Left], Right = [.. Right],
            DefaultLeft = [.. DefaultLeft], CategorySet = [.. CategorySet], CategorySets = [.. Sets], Value = [.. Value],
            Gain = [.. new float[Feature.Length]], Cover = [.. Cover],
        };
    }
}
