using Gyre.Numerics;
using Gyre.Tabular;
using Gyre.Training.Neural;

namespace Gyre.Training.Tests.Neural;

public sealed class NetworkTests
{
    [Theory]
    [InlineData(TaskKind.Regression, 1)]
    [InlineData(TaskKind.Binary, 1)]
    [InlineData(TaskKind.Multiclass, 4)]
    public void Backward_AnyLoss_DerivativesAsFiniteDifferences(TaskKind task, int outputs)
    {
        var network = new Network(
        [
            new ConvolutionLayer(5, 4, 2, 3), new PoolingLayer(5, 4, 3), new ConvolutionLayer(2, 2, 3, 4),
            new DenseLayer(16, 6, rectified: true), new DropoutLayer(6, 0.3), new DenseLayer(6, outputs, rectified: false),
        ]);
        const int rows = 3;
        var random = new SeededRandom(4);
        var parameters = network.Initialize(random);
        foreach (ref var parameter in parameters.AsSpan()) parameter += (float)(0.05 * random.NextNormal());
        var inputs = Enumerable.Range(0, rows * network.Inputs).Select(_ => (float)random.NextNormal()).ToArray();
        var targets = Enumerable.Range(0, rows).Select(r => (float)(r % Math.Max(2, outputs))).ToArray();
        var buffers = new NetworkBuffers(network, rows, forTraining: true);
        var slopes = new float[network.Parameters];

        Loss(withSlopes: true);
        network.Backward(parameters, buffers, rows, slopes);

        var wrong = 0;
        for (var i = 0; i < parameters.Length; i++)
        {
            const float step = 1e-3f;
            var kept = parameters[i];
            parameters[i] = kept + step;
            var above = Loss(withSlopes: false);
            parameters[i] = kept - step;
            var below = Loss(withSlopes: false);
            parameters[i] = kept;
            var difference = Math.Abs(((above - below) / (2 * step)) - slopes[i]);
            wrong += difference > 0.02 * (0.1 + Math.Abs(slopes[i])) ? 1 : 0;
        }

        // A step that crosses a kink of max(0, ·) or of pooling has another slope on its other side; few do.
        Assert.True(wrong <= parameters.Length / 50, $"{wrong} of {parameters.Length}");

        double Loss(bool withSlopes)
        {
            inputs.CopyTo(buffers.Values(0, rows));
            var scores = network.Forward(parameters, buffers, rows, new SeededRandom(9));
            var loss = 0.0;
            for (var row = 0; row < rows; row++)
            {
                var by = withSlopes
                    ? buffers.Slopes(network.Layers.Length, rows).Slice(row * outputs, outputs) : default;
                loss += NetworkLoss.Of(task, scores.Slice(row * outputs, outputs), targets[row], by, 1 + row) * (1 + row);
            }

            return loss;
        }
    }

    [Fact]
    public void Forward_DropoutWhenPredicting_PassesOn()
    {
        var layer = new DropoutLayer(64, 0.5);
        var input = Enumerable.Range(1, 64).Select(i => (float)i).ToArray();
        var output = new float[64];
        layer.Forward([], input, output, 1, [], null);
        Assert.Equal(input, output);
        layer.Forward([], input, output, 1, [], new SeededRandom(1));
        Assert.InRange(output.Count(v => v == 0), 16, 48);
        Assert.All(output.Where(v => v != 0), v => Assert.Contains(v / 2, input));
    }
}
