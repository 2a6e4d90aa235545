using System.Text.Json;
using Gyre.Fixtures;
using Gyre.Primitives;

namespace Gyre.Tabular.Tests.Images;

public sealed class ImageFileTests
{
    private static readonly JsonElement Golden = JsonDocument.Parse(File.ReadAllText(
        Path.Combine(TestData.Root, "tests", "Tabular.Tests", "Golden", "png.json"))).RootElement;

    public static TheoryData<string> Names =>
        [.. Golden.GetProperty("cases").EnumerateArray().Select(c => c.GetProperty("name").GetString()!)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Decode_EveryKindOfPng_AsPillowDoes(string name)
    {
        var (file, channels, pixels) = Case(name);
        var shape = new ImageShape(11, 13, channels);
        Assert.Equal((11, 13), (ImageFile.Measure(file).Height, ImageFile.Measure(file).Width));
        Assert.Equal(pixels, ImageFile.Decode(file, shape));
    }

    [Fact]
    public void Decode_MoreChannelsWanted_GreyIsRepeatedAndAlphaFull()
    {
        var (file, _, pixels) = Case("grey 8");
        var color = ImageFile.Decode(file, new ImageShape(11, 13, 4));
        for (var i = 0; i < pixels.Length; i++)
            Assert.Equal(new byte[] { pixels[i], pixels[i], pixels[i], 255 }, color[(4 * i)..((4 * i) + 4)]);
    }

    [Fact]
    public void Decode_AnotherSize_NamesBoth()
    {
        var error = Assert.Throws<GyreException>(() => ImageFile.Decode(Case("grey 8").File, new ImageShape(13, 11, 1)));
        Assert.Equal("the image is 11x13; 13x11 is needed", error.Message);
    }

    [Fact]
    public void Decode_AnyByteChangedOrCut_IsRefusedOrUnchanged()
    {
        var (file, _, pixels) = Case("filtered");
        for (var at = 0; at < file.Length; at++)
        {
            byte[] changed = [.. file];
            changed[at] ^= 0x41;
            Refused(changed);
            Refused(file[..at]);
        }

        void Refused(byte[] damaged)
        {
            var error = Record.Exception(() =>
                Assert.Equal(pixels, ImageFile.Decode(damaged, new ImageShape(11, 13, 3))));
            Assert.True(error is null or GyreException { Code: ErrorCode.InvalidInput }, error?.ToString());
        }
    }

    [Fact]
    public void Decode_GiganticSizeClaimed_RefusedWithoutMemory()
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        foreach (var (height, width) in new[] { (int.MaxValue, int.MaxValue), (100_000, 100_000), (4096, 4096), (1, 5000) })
        {
            var error = Assert.Throws<GyreException>(() => ImageFile.Measure(GreyPng.OfLines(height, width, new byte[10])));
            Assert.Contains("scale it down", error.Message, StringComparison.Ordinal);
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
    }

    [Theory]
    [InlineData(100, "fewer pixels than it says")]
    [InlineData(1_000_000, "more pixels than it says")]
    public void Decode_OtherNumberOfPixelsThanClaimed_SaysSo(int bytes, string message)
    {
        var error = Assert.Throws<GyreException>(
            () => ImageFile.Decode(GreyPng.OfLines(20, 20, new byte[bytes]), new ImageShape(20, 20, 1)));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TryParse_Sizes_AsWritten()
    {
        foreach (var text in new[] { "28x28", "1x1", "32x48x3", "512x512x4" })
        {
            Assert.True(ImageShape.TryParse(text, out var shape), text);
            Assert.Equal(text, shape.ToString());
        }

        foreach (var text in new[] { "", "28", "28x", "0x5", "5x5x5", "-1x4", "4096x4096", "99999999999x1", "8x8x1x1" })
            Assert.False(ImageShape.TryParse(text, out _), text);
    }

    private static (byte[] File, int Channels, byte[] Pixels) Case(string name)
    {
        var found = Golden.GetProperty("cases").EnumerateArray().Single(c => c.GetProperty("name").GetString() == name);
        return (found.GetProperty("file").GetBytesFromBase64(), found.GetProperty("channels").GetInt32(),
            found.GetProperty("pixels").GetBytesFromBase64());
    }
}
