using System.Collections.Immutable;

namespace Gyre.Training;

/// <summary>
/// What the leaves of one tree of a forest predict: the mean of a number, or the shares of classes; shares of 0 are left
/// out. Immutable.
/// </summary>
public sealed class LeafMeans
{
    private LeafMeans(ImmutableArray<int> first, ImmutableArray<int> output, ImmutableArray<float> value) =>
        (First, Output, Value) = (first, output, value);

    /// <summary>Creates them, such as from a file.</summary>
    /// <param name="first">One per node and one more, from 0, never falling: where a node's entries begin.</param>
    /// <param name="output">The output of each entry, at least 0.</param>
    /// <param name="value">The mean or share of each entry.</param>
    /// <exception cref="ArgumentException">The parts do not fit each other.</exception>
    public static LeafMeans Of(ImmutableArray<int> first, ImmutableArray<int> output, ImmutableArray<float> value)
    {
        var fits = !first.IsDefaultOrEmpty && first[0] == 0 && first[^1] == output.Length && output.Length == value.Length
            && output.All(k => k >= 0) && first.Zip(first.Skip(1)).All(pair => pair.First <= pair.Second);
        return fits ? new LeafMeans(first, output, value)
            : throw new ArgumentException("The leaves' entries do not fit each other.", nameof(first));
    }

    /// <summary>Where each node's entries begin, and, behind the last node's, where they end; inner nodes have
    /// none.</summary>
    public ImmutableArray<int> First { get; }

    /// <summary>The output (position of the class) of each entry.</summary>
    public ImmutableArray<int> Output { get; }

    /// <summary>The mean or share of each entry.</summary>
    public ImmutableArray<float> Value { get; }

    /// <summary>Adds a leaf's means to predictions.</summary>
    public void AddTo(Span<double> predictions, int node)
    {
        for (var i = First[node]; i < First[node + 1]; i++) predictions[Output[i]] += Value[i];
    }

    /// <summary>Collects leaves in any order.</summary>
    internal sealed class Builder(int outputs)
    {
        private readonly Dictionary<int, (int Output, float Value)[]> _leaves = [];

        /// <summary>Adds a leaf by its sums: weight, rows, then one per output.</summary>
        public void Add(int node, ReadOnlySpan<double> sums, double offset)
        {
            var entries = new List<(int, float)>();
            for (var k = 0; k < outputs; k++)
            {
                if (outputs == 1 || sums[2 + k] > 0) entries.Add((k, (float)(offset + (sums[2 + k] / sums[0]))));
            }

            _leaves.Add(node, [.. entries]);
        }

        /// <summary>A leaf's mean when there is one output; else 0.</summary>
        public float Single(int node) => outputs == 1 ? _leaves[node][0].Value : 0;

        public LeafMeans Build(int nodes)
        {
            var first = ImmutableArray.CreateBuilder<int>(nodes + 1);
            var output = ImmutableArray.CreateBuilder<int>();
            var value = ImmutableArray.CreateBuilder<float>();
            for (var node = 0; node < nodes; node++)
            {
                first.Add(output.Count);
                if (!_leaves.TryGetValue(node, out var entries)) continue;
                foreach (var (k, mean) in entries)
                {
                    output.Add(k);
                    value.Add(mean);
                }
            }

            first.Add(output.Count);
            return new LeafMeans(first.MoveToImmutable(), output.ToImmutable(), value.ToImmutable());
        }
    }
}
