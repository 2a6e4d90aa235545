using System.Numerics;

namespace Gyre.Training.Neural;

/// <summary>Biases and rectification, max(0, x), over rows of outputs.</summary>
internal static class Activation
{
    /// <summary>Adds a bias to each number of every row; then, when asked, negative numbers become 0.</summary>
    public static void AddBias(Span<float> values, ReadOnlySpan<float> biases, bool rectify)
    {
        var lanes = Vector<float>.Count;
        for (var start = 0; start < values.Length; start += biases.Length)
        {
            var row = values.Slice(start, biases.Length);
            var i = 0;
            for (; i <= row.Length - lanes; i += lanes)
            {
                var sum = new Vector<float>(row[i..]) + new Vector<float>(biases[i..]);
                (rectify ? Vector.Max(sum, Vector<float>.Zero) : sum).CopyTo(row[i..]);
            }

            for (; i < row.Length; i++)
            {
                var sum = row[i] + biases[i];
                row[i] = rectify ? Math.Max(sum, 0) : sum;
            }
        }
    }

    /// <summary>A rectified number that is 0 passes no derivative on.</summary>
    public static void MaskSlopes(ReadOnlySpan<float> outputs, Span<float> slopes)
    {
        var lanes = Vector<float>.Count;
        var i = 0;
        for (; i <= slopes.Length - lanes; i += lanes)
        {
            var positive = Vector.GreaterThan(new Vector<float>(outputs[i..]), Vector<float>.Zero);
            Vector.ConditionalSelect(positive, new Vector<float>(slopes[i..]), Vector<float>.Zero).CopyTo(slopes[i..]);
        }

        for (; i < slopes.Length; i++)
        {
            if (!(outputs[i] > 0)) slopes[i] = 0;
        }
    }

    /// <summary>Adds the sum of every column to the biases' derivatives.</summary>
    public static void AddColumns(ReadOnlySpan<float> slopes, Span<float> biases)
    {
        var lanes = Vector<float>.Count;
        for (var start = 0; start < slopes.Length; start += biases.Length)
        {
            var row = slopes.Slice(start, biases.Length);
            var i = 0;
            for (; i <= row.Length - lanes; i += lanes)
                (new Vector<float>(biases[i..]) + new Vector<float>(row[i..])).CopyTo(biases[i..]);
            for (; i < row.Length; i++) biases[i] += row[i];
        }
    }
}
