namespace Gyre.Numerics.Tests.Kernels;

public sealed class ExponentialTests
{
    [Fact]
    public void Apply_AnyPlace_AsScalarWithinItsError()
    {
        var random = new SeededRandom(1);
        for (var length = 0; length < 70; length++)
        {
            var values = Enumerable.Range(0, length).Select(_ => (float)(random.NextDouble() * 120) - 80).ToArray();
            var actual = (float[])values.Clone();
            Exponential.Apply(actual);
            for (var i = 0; i < length; i++) Assert.Equal(1, actual[i] / Math.Exp(values[i]), 2e-7);
        }
    }

    [Fact]
    public void Apply_SameNumberElsewhere_SameBits()
    {
        var values = Enumerable.Repeat(-1.2345f, 67).ToArray();
        Exponential.Apply(values);
        Assert.Single(values.Distinct());
    }

    [Fact]
    public void Apply_AnyNumber_SameBitsAsThePlainForm()
    {
        var random = new SeededRandom(2);
        var values = Enumerable.Range(0, 20_000).Select(_ => (float)((random.NextDouble() * 190) - 95)).ToArray();
        (values[0], values[1], values[2], values[3]) = (0, 88.72283f, -87.33654f, float.NaN);
        var actual = (float[])values.Clone();
        Exponential.Apply(actual);
        for (var i = 0; i < values.Length; i++) Assert.Equal(Exponential.Scalar(values[i]), actual[i]);
    }

    [Fact]
    public void Apply_Extremes_SaturateWithoutNaN()
    {
        float[] values = [float.NegativeInfinity, -200, 200, float.PositiveInfinity];
        Exponential.Apply(values);
        Assert.Equal([0, 0, float.PositiveInfinity, float.PositiveInfinity], values);
    }
}
