using Gyre.Numerics;
using Gyre.Tabular;

namespace Gyre.Training.Neural;

/// <summary>
/// Random small changes of a training image: turned about its centre by up to <paramref name="Degrees"/> either way,
/// shifted by up to <paramref name="Shift"/> pixels along each axis, flipped left to right half of the time. A pixel is
/// interpolated between its four neighbours; outside the image is 0.
/// </summary>
internal sealed record Augmentation(int Shift, bool Flip, double Degrees)
{
    public bool IsNone => Shift == 0 && !Flip && Degrees == 0;

    public void Apply(Span<float> pixels, ImageShape shape, SeededRandom chance)
    {
        var flipped = Flip && chance.NextInt(2) == 0;
        var (dx, dy) = (0, 0);
        if (Shift > 0) (dx, dy) = (chance.NextInt((2 * Shift) + 1) - Shift, chance.NextInt((2 * Shift) + 1) - Shift);
        var angle = Degrees > 0 ? ((2 * chance.NextDouble()) - 1) * Degrees * Math.PI / 180 : 0;
        if (!flipped && dx == 0 && dy == 0 && angle == 0) return;
        Resample(pixels, shape, flipped, dx, dy, angle);
    }

    private static void Resample(Span<float> pixels, ImageShape shape, bool flipped, int dx, int dy, double angle)
    {
        var source = pixels.ToArray();
        var (height, width, channels) = (shape.Height, shape.Width, shape.Channels);
        var (sine, cosine) = ((float)Math.Sin(angle), (float)Math.Cos(angle));
        var (middleX, middleY) = ((width - 1) / 2f, (height - 1) / 2f);
        for (var y = 0; y < height; y++)
        for (var x = 0; x < width; x++)
        {
            var (fromX, fromY) = (x - dx - middleX, y - dy - middleY);
            if (flipped) fromX = -fromX;
            (fromX, fromY) = ((cosine * fromX) + (sine * fromY) + middleX, (cosine * fromY) - (sine * fromX) + middleY);
            var (left, top) = ((int)MathF.Floor(fromX), (int)MathF.Floor(fromY));
            var (right, lower) = (fromX - left, fromY - top);
            for (var c = 0; c < channels; c++)
            {
                pixels[(((y * width) + x) * channels) + c] =
                    (((At(left, top, c) * (1 - right)) + (At(left + 1, top, c) * right)) * (1 - lower))
                    + (((At(left, top + 1, c) * (1 - right)) + (At(left + 1, top + 1, c) * right)) * lower);
            }
        }

        float At(int x, int y, int c) => (uint)x < (uint)width && (uint)y < (uint)height
            ? source[(((y * width) + x) * channels) + c] : 0;
    }
}
