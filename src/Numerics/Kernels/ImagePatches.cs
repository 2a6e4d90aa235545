namespace Gyre.Numerics;

/// <summary>
/// The patches of an image as rows of a matrix ("im2col"), so that a convolution is one matrix product. Images stand
/// height × width × channels, row-major; a 3 × 3 patch around a pixel is 9 × channels numbers, 0 outside the image.
/// </summary>
public static class ImagePatches
{
    /// <summary>The side of a patch.</summary>
    public const int Side = 3;

    /// <summary>Fills (height × width) rows of 9 × channels numbers.</summary>
    public static void Gather(ReadOnlySpan<float> image, int height, int width, int channels, Span<float> patches)
    {
        var run = Side * channels;
        for (var y = 0; y < height; y++)
        for (var dy = -1; dy <= 1; dy++)
        {
            var at = ((y * width * Side) + dy + 1) * run;
            var outside = y + dy < 0 || y + dy >= height;
            var line = outside ? default : image.Slice((y + dy) * width * channels, width * channels);
            for (var x = 0; x < width; x++, at += Side * run)
            {
                var target = patches.Slice(at, run);
                if (outside)
                {
                    target.Clear();
                }
                else if (x > 0 && x < width - 1)
                {
                    line.Slice((x - 1) * channels, run).CopyTo(target);
                }
                else
                {
                    target.Clear();
                    var (first, last) = (Math.Max(x - 1, 0), Math.Min(x + 1, width - 1));
                    line[(first * channels)..((last + 1) * channels)].CopyTo(target[((first - x + 1) * channels)..]);
                }
            }
        }
    }

    /// <summary>Adds every patch's numbers to the pixels that they came from: the derivative of
    /// <see cref="Gather"/>.</summary>
    public static void Scatter(ReadOnlySpan<float> patches, int height, int width, int channels, Span<float> image)
    {
        var run = Side * channels;
        for (var y = 0; y < height; y++)
        for (var dy = -1; dy <= 1; dy++)
        {
            if (y + dy < 0 || y + dy >= height) continue;
            var at = ((y * width * Side) + dy + 1) * run;
            var line = image.Slice((y + dy) * width * channels, width * channels);
            for (var x = 0; x < width; x++, at += Side * run)
            {
                var (first, last) = (Math.Max(x - 1, 0), Math.Min(x + 1, width - 1));
                Add(line[(first * channels)..((last + 1) * channels)], patches[(at + ((first - x + 1) * channels))..]);
            }
        }
    }

    private static void Add(Span<float> target, ReadOnlySpan<float> values)
    {
        var lanes = System.Numerics.Vector<float>.Count;
        var i = 0;
        for (; i <= target.Length - lanes; i += lanes)
        {
            var sum = new System.Numerics.Vector<float>(target[i..]) + new System.Numerics.Vector<float>(values[i..]);
            sum.CopyTo(target[i..]);
        }

        for (; i < target.Length; i++) target[i] += values[i];
    }
}
