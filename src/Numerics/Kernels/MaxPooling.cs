using System.Numerics;

namespace Gyre.Numerics;

/// <summary>
/// The largest of each 2 × 2 pixels, per channel; an odd last row or column is left out. Images stand height × width ×
/// channels, row-major.
/// </summary>
public static class MaxPooling
{
    /// <summary>Fills (height / 2) × (width / 2) × channels numbers.</summary>
    public static void Pool(ReadOnlySpan<float> image, int height, int width, int channels, Span<float> pooled)
    {
        for (var y = 0; y < height / 2; y++)
        for (var x = 0; x < width / 2; x++)
        {
            var upper = image.Slice(((2 * y * width) + (2 * x)) * channels, 2 * channels);
            var lower = image.Slice((((2 * y) + 1) * width + (2 * x)) * channels, 2 * channels);
            var target = pooled.Slice(((y * (width / 2)) + x) * channels, channels);
            var c = 0;
            for (; c <= channels - Vector<float>.Count; c += Vector<float>.Count)
            {
                Vector.Max(
                    Vector.Max(new Vector<float>(upper[c..]), new Vector<float>(upper[(channels + c)..])),
                    Vector.Max(new Vector<float>(lower[c..]), new Vector<float>(lower[(channels + c)..])))
                    .CopyTo(target[c..]);
            }

            for (; c < channels; c++)
                target[c] = Math.Max(
                    Math.Max(upper[c], upper[channels + c]), Math.Max(lower[c], lower[channels + c]));
        }
    }

    /// <summary>
    /// Hands each pooled number's derivative to the pixel that was largest, the first of equals; others get 0.
    /// </summary>
    public static void Unpool(
        ReadOnlySpan<float> image, ReadOnlySpan<float> pooled, ReadOnlySpan<float> derivatives, int height, int width,
        int channels, Span<float> imageDerivatives)
    {
        imageDerivatives[..(height * width * channels)].Clear();
        for (var y = 0; y < height / 2; y++)
        for (var x = 0; x < width / 2; x++)
        {
            var at = ((y * (width / 2)) + x) * channels;
            var upper = ((2 * y * width) + (2 * x)) * channels;
            Unpool(
                image[upper..], image[(upper + (width * channels))..], pooled.Slice(at, channels),
                derivatives.Slice(at, channels), imageDerivatives[upper..],
                imageDerivatives[(upper + (width * channels))..]);
        }
    }

    // Without branches: which of the four is largest cannot be foreseen.
    private static void Unpool(
        ReadOnlySpan<float> upper, ReadOnlySpan<float> lower, ReadOnlySpan<float> pooled,
        ReadOnlySpan<float> derivatives, Span<float> upperDerivatives, Span<float> lowerDerivatives)
    {
        var channels = pooled.Length;
        var c = 0;
        for (; c <= channels - Vector<float>.Count; c += Vector<float>.Count)
        {
            var value = new Vector<float>(pooled[c..]);
            var open = new Vector<float>(derivatives[c..]);
            Give(upper[c..], upperDerivatives[c..]);
            Give(upper[(channels + c)..], upperDerivatives[(channels + c)..]);
            Give(lower[c..], lowerDerivatives[c..]);
            open.CopyTo(lowerDerivatives[(channels + c)..]);

            void Give(ReadOnlySpan<float> pixels, Span<float> target)
            {
                var largest = Vector.Equals(new Vector<float>(pixels), value);
                Vector.ConditionalSelect(largest, open, Vector<float>.Zero).CopyTo(target);
                open = Vector.ConditionalSelect(largest, Vector<float>.Zero, open);
            }
        }

        for (; c < channels; c++)
        {
            var (value, slope) = (pooled[c], derivatives[c]);
            if (upper[c] == value) upperDerivatives[c] = slope;
            else if (upper[channels + c] == value) upperDerivatives[channels + c] = slope;
            else if (lower[c] == value) lowerDerivatives[c] = slope;
            else lowerDerivatives[channels + c] = slope;
        }
    }
}
