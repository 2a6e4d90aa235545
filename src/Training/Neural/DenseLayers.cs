namespace Gyre.Training.Neural;

/// <summary>Hidden layers, each rectified and with dropout where asked, and the layer of the scores.</summary>
internal static class DenseLayers
{
    public static IEnumerable<Layer> Make(int inputs, IEnumerable<int> hidden, int outputs, double dropout)
    {
        foreach (var size in hidden)
        {
            yield return new DenseLayer(inputs, size, rectified: true);
            if (dropout > 0) yield return new DropoutLayer(size, dropout);
            inputs = size;
        }

        yield return new DenseLayer(inputs, outputs, rectified: false);
    }
}
