using Gyre.Numerics;
using Gyre.Tabular;

namespace Gyre.Training.Tests.Neural;

/// <summary>Noise with a bright bar that lies, stands or is absent, somewhere.</summary>
internal static class SyntheticImages
{
    public static Table Table(int rows, ulong seed, ImageShape shape)
    {
        var random = new SeededRandom(seed);
        var pixels = new byte[rows * shape.Size];
        var labels = new string[rows];
        for (var row = 0; row < rows; row++)
        {
            var kind = random.NextInt(3);
            labels[row] = kind == 0 ? "lying" : kind == 1 ? "standing" : "none";
            var image = pixels.AsSpan(row * shape.Size, shape.Size);
            foreach (ref var pixel in image) pixel = (byte)random.NextInt(90);
            var (x, y) = (random.NextInt(shape.Width - 4), random.NextInt(shape.Height - 4));
            for (var i = 0; i < 4 && kind < 2; i++)
            {
                var at = (((y + (kind == 1 ? i : 0)) * shape.Width) + x + (kind == 0 ? i : 0)) * shape.Channels;
                image.Slice(at, shape.Channels).Fill(200);
            }
        }

        return new Table(
        [
            new ImageColumn("image", shape, pixels),
            CategoricalColumn.FromValues("label", ColumnType.Categorical, labels),
        ]);
    }

    public static TrainingSet Set(int rows, ulong seed, ImageShape shape) =>
        TrainingSet.Create(Table(rows, seed, shape), "label", TaskKind.Multiclass, ["image"]);
}
