using System.Collections.Immutable;
using Gyre.Primitives;
using Gyre.Tabular;
using Gyre.Training.Neural;

namespace Gyre.Training;

/// <summary>
/// For networks: the pixels of the images, each a byte / 255 in float32, row-major height × width × channels, image
/// after image; then the numbers of <see cref="LinearPreprocessing"/>, standardised numbers and one-hot categories.
/// </summary>
public sealed class NeuralPreprocessing : Preprocessing
{
    /// <summary>Creates it.</summary>
    public NeuralPreprocessing(ImmutableArray<ImageFeature> images, LinearPreprocessing tabular)
    {
        (Images, Tabular) = (images, tabular);
        Pixels = images.Sum(i => i.Shape.Size);
    }

    /// <summary>The image columns.</summary>
    public ImmutableArray<ImageFeature> Images { get; }

    /// <summary>Numbers and categories.</summary>
    public LinearPreprocessing Tabular { get; }

    /// <summary>How many model inputs are pixels; they stand first.</summary>
    public int Pixels { get; }

    /// <summary>The number of model inputs.</summary>
    public int Width => Pixels + Tabular.Width;

    internal static NeuralPreprocessing Fit(TrainingSet set, int maxCategories)
    {
        var tabular = set.Features.Columns.Where(c => c is not ImageColumn).Select(c => c.Name).ToArray();
        return new NeuralPreprocessing(
            [.. set.Features.Columns.OfType<ImageColumn>().Select(c => new ImageFeature(c.Name, c.Shape))],
            LinearPreprocessingFitter.Fit(set.Select(tabular), maxCategories));
    }

    internal InputRows Rows(Table table, Augmentation? augmentation = null)
    {
        var tabular = Tabular.Features.IsEmpty ? null : new TabularRows(DesignMatrix.Create(Tabular, table));
        if (Images.IsEmpty && tabular is not null) return tabular;
        return new ImageRows([.. Images.Select(i => Find(table, i))], tabular, augmentation);
    }

    private static ImageColumn Find(Table table, ImageFeature feature)
    {
        if (FeatureEncoding.Find(table, feature.Name) is not ImageColumn column)
            throw GyreException.Invalid($"Column '{feature.Name}' holds no images; the model needs images of {feature.Shape} there.");
        if (column.Shape != feature.Shape)
            throw GyreException.Invalid($"The images of column '{feature.Name}' are {column.Shape}; the model needs {feature.Shape}.");
        return column;
    }
}

/// <summary>An image column of a network.</summary>
/// <param name="Name">The column.</param>
/// <param name="Shape">The size of its images.</param>
public sealed record ImageFeature(string Name, ImageShape Shape);
