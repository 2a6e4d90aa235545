using Gyre.Numerics;
using Gyre.Tabular;

namespace Gyre.Training.Neural;

/// <summary>Pixels as numbers from 0 to 1, image column after image column, then the numbers of other columns.</summary>
internal sealed class ImageRows(ImageColumn[] images, TabularRows? tabular, Augmentation? augmentation)
    : InputRows(images[0].Length, images.Sum(i => i.Shape.Size) + (tabular?.Width ?? 0))
{
    private static readonly float[] Brightness = [.. Enumerable.Range(0, 256).Select(b => b / 255f)];

    public override void Fill(int row, Span<float> target, SeededRandom? chance)
    {
        foreach (var image in images)
        {
            var pixels = target[..image.Shape.Size];
            var bytes = image.Image(row);
            for (var i = 0; i < pixels.Length; i++) pixels[i] = Brightness[bytes[i]];
            if (chance is not null) augmentation?.Apply(pixels, image.Shape, chance);
            target = target[image.Shape.Size..];
        }

        tabular?.Fill(row, target, null);
    }
}
