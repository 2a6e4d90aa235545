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
        Span<int> corners = [0, channels, width * channels, (width + 1) * channels];
        for (var y = 0; y < height / 2; y++)
        for (var x = 0; x < width / 2; x++)
        {
            var at = ((y * (width / 2)) + x) * channels;
            var origin = ((2 * y * width) + (2 * x)) * channels;
            for (var c = 0; c < channels; c++)
            {
                var value = pooled[at + c];
                var pixel = origin + c;
                var corner = image[pixel] == value ? 0
                    : image[pixel + corners[1]] == value ? 1
                    : image[pixel + corners[2]] == value ? 2 : 3;
                imageDerivatives[pixel + corners[corner]] = derivatives[at + c];
            }
        }
    }
}
