using System.Buffers.Binary;
using System.IO.Compression;
using Gyre.Fixtures;
using Gyre.Primitives;
using Gyre.Tabular;

namespace Gyre.Data.Tests;

public sealed class ImageSourceTests : IDisposable
{
    private static readonly Schema Wanted = new(
    [
        new ColumnDefinition("image", ColumnType.Image, false) { Image = new ImageShape(3, 2, 1) },
        new ColumnDefinition("label", ColumnType.Categorical),
    ]);

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task TakeAsync_FolderPerClass_PixelsAndClassesInOrder()
    {
        Png("dog/b.png", 10);
        Png("cat/z.png", 20);
        Png("dog/a.png", 30);
        var store = new SnapshotStore(_folder.File("store"), TimeProvider.System);
        var source = new SourceDefinition([_folder.File("images")]);

        var snapshot = await store.TakeAsync(source, Wanted, CancellationToken.None);
        var again = await store.TakeAsync(source, Wanted, CancellationToken.None);

        Assert.Equal((3, true, snapshot.Hash), (snapshot.Rows, again.Reused, again.Hash));
        Assert.Equal(Wanted, snapshot.Schema);
        using var engine = new SqlEngine();
        var table = engine.Query($"SELECT * FROM read_parquet('{snapshot.Path}')", snapshot.Schema);
        var images = Assert.IsType<ImageColumn>(table["image"]);
        Assert.Equal(new byte[] { 20, 21, 22, 23, 24, 25, 30, 31, 32, 33, 34, 35, 10, 11, 12, 13, 14, 15 }, images.Memory.ToArray());
        Assert.Equal(["cat", "dog", "dog"], Enumerable.Range(0, 3).Select(row => table["label"].ValueAt(row)));

        File.Move(_folder.File("images/dog/a.png"), _folder.File("images/cat/a.png"));
        Assert.NotEqual(snapshot.Hash, (await store.TakeAsync(source, Wanted, CancellationToken.None)).Hash);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void ReadAs_Idx_LabelsOfTheFileBeside(bool gzip)
    {
        var path = Idx(gzip, 5, 5);
        var table = SourceReader.ReadAs(new SourceDefinition([path]), Wanted, CancellationToken.None);
        Assert.Equal(5, table.RowCount);
        Assert.Equal(new byte[] { 6, 7, 8, 9, 10, 11 }, ((ImageColumn)table["image"]).Image(1).ToArray());
        Assert.Equal("4", table["label"].ValueAt(4));
    }

    [Fact]
    public async Task InspectAsync_Folder_SuggestsTheImageAndLeavesTheFileOut()
    {
        for (byte i = 0; i < 40; i++) Png($"{(i % 2 == 0 ? "cat" : "dog")}/{i}.png", i);
        var inspection = await new SourceInspector().InspectAsync(
            new SourceDefinition([_folder.File("images")]), "label", null, CancellationToken.None);
        Assert.Equal(new ImageShape(3, 2, 1), inspection.Schema["image"].Image);
        Assert.Equal("image", Assert.Single(inspection.SuggestedFeatures));
        Assert.Equal(TaskKind.Binary, inspection.Task);
    }

    [Fact]
    public void ReadAs_OneImageOfAnotherSize_NamesTheFile()
    {
        Png("a/1.png", 1);
        Write("a/2.png", GreyPng.Write(2, 2, new byte[4]));
        Refused(_folder.File("images"), "a/2.png: the image is 2x2; 3x2 is needed");
    }

    [Fact]
    public async Task InspectAsync_SizesDiffer_NamesBothFiles()
    {
        Png("a/1.png", 1);
        Write("a/2.png", GreyPng.Write(2, 2, new byte[4]));
        var error = await Assert.ThrowsAsync<GyreException>(() => new SourceInspector().InspectAsync(
            new SourceDefinition([_folder.File("images")]), "label", null, CancellationToken.None));
        Assert.Matches("a/2.png: the image is 2x2; 3x2 is needed like .*a/1.png$", error.Message);
    }

    [Theory]
    [InlineData("no image at all", "a/2.png: it is no PNG image")]
    [InlineData("cut", "a/2.png: the PNG image is damaged")]
    public void ReadAs_DamagedImage_NamesTheFile(string kind, string message)
    {
        Png("a/1.png", 1);
        Write("a/2.png", kind == "cut" ? GreyPng.Write(3, 2, new byte[6])[..40] : "GIF89a"u8.ToArray());
        Refused(_folder.File("images"), message);
    }

    [Fact]
    public void ReadAs_EmptyFolder_SaysWhatBelongsThere()
    {
        Directory.CreateDirectory(_folder.File("images"));
        Refused(_folder.File("images"), "is a folder without PNG images");
    }

    [Theory]
    [InlineData(4, 5, "4 labels for 5 images")]
    public void ReadAs_OtherNumberOfLabels_NamesBoth(int labels, int images, string message) =>
        Refused(Idx(false, images, labels), message);

    [Fact]
    public void ReadAs_IdxThatEndsEarlyOrClaimsTooMuch_SaysWhere()
    {
        var path = Idx(false, 5, 5);
        var bytes = File.ReadAllBytes(path);
        File.WriteAllBytes(path, bytes[..^1]);
        Refused(path, "ends within image 5 of 5");
        File.WriteAllBytes(path, [0, 0, 8, 3, 0x7f, 255, 255, 255, 0, 0, 0, 3, 0, 0, 0, 2]);
        Refused(path, "labels for 2147483647 images");
        File.WriteAllBytes(path, [0, 0, 8, 3, 0, 0, 0, 1, 0x7f, 255, 255, 255, 0x7f, 255, 255, 255]);
        Refused(path, "are not supported");
        File.WriteAllBytes(path, [0, 0, 13, 3, 0, 0, 0, 1]);
        Refused(path, "is no IDX file of images");
    }

    [Fact]
    public void ReadAs_TextWhereAnImageWasPromised_SaysSo()
    {
        var path = _folder.File("rows.csv");
        File.WriteAllText(path, "image,label\nhello,a\n");
        Refused(path, "column 'image' holds no images");
        Png("a/1.png", 1);
        var error = Assert.Throws<GyreException>(() => SourceReader.ReadAs(
            new SourceDefinition([_folder.File("images")]),
            new Schema([new ColumnDefinition("image", ColumnType.Numeric)]), CancellationToken.None));
        Assert.Contains("holds images; its type is `image 3x2`", error.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private void Refused(string path, string message)
    {
        var error = Assert.Throws<GyreException>(
            () => SourceReader.ReadAs(new SourceDefinition([path]), Wanted, CancellationToken.None));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.Equal(ErrorCode.InvalidInput, error.Code);
    }

    private void Png(string name, byte first) =>
        Write(name, GreyPng.Write(3, 2, [.. Enumerable.Range(first, 6).Select(p => (byte)p)]));

    private void Write(string name, byte[] bytes)
    {
        var path = _folder.File(Path.Combine("images", name));
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, bytes);
    }

    private string Idx(bool gzip, int images, int labels)
    {
        var suffix = gzip ? ".gz" : "";
        Save($"labels-idx1-ubyte{suffix}", [.. Header(1, labels), .. Enumerable.Range(0, labels).Select(l => (byte)l)]);
        return Save($"images-idx3-ubyte{suffix}",
            [.. Header(3, images, 3, 2), .. Enumerable.Range(0, images * 6).Select(p => (byte)p)]);

        string Save(string name, byte[] bytes)
        {
            using var file = File.Create(_folder.File(name));
            if (!gzip) file.Write(bytes);
            else
            {
                using var zip = new GZipStream(file, CompressionLevel.Fastest);
                zip.Write(bytes);
            }

            return _folder.File(name);
        }
    }

    private static byte[] Header(byte rank, params int[] dimensions)
    {
        var header = new byte[4 + (4 * dimensions.Length)];
        (header[2], header[3]) = (8, rank);
        for (var i = 0; i < dimensions.Length; i++)
            BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4 + (4 * i)), dimensions[i]);
        return header;
    }
}
