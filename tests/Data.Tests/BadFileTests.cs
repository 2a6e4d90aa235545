using System.IO.Compression;
using System.Text;
using Gyre.Fixtures;
using Gyre.Primitives;
using Gyre.Tabular;

namespace Gyre.Data.Tests;

/// <summary>A bad file is one line that names file, line and cause, and leaves nothing behind.</summary>
public sealed class BadFileTests : IDisposable
{
    private const string? NoFile = null;

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public Task Missing_File_IsNamed() => AssertRefused("absent.csv", NoFile, "no such file");

    [Fact]
    public Task Glob_ThatMatchesNothing_IsNamed() => AssertRefused("*.csv", NoFile, "matches no file");

    [Fact]
    public Task Folder_InsteadOfAFile_IsNamed()
    {
        Directory.CreateDirectory(_folder.File("inner"));
        return AssertRefused("inner", NoFile, "is a folder");
    }

    [Fact]
    public Task Empty_File_IsNamed() => AssertRefused("empty.csv", "", "empty");

    [Fact]
    public Task BlankLines_Only_IsNamed() => AssertRefused("blank.csv", "\n\n\n", "line 1", "no header");

    [Fact]
    public Task Header_Only_IsNamed() => AssertRefused("header.csv", "a,b\n", "line 1", "only a header");

    [Theory]
    [InlineData("a,b,a\n1,2,3\n", "columns 1 and 3 are both named 'a'")]
    [InlineData("a,A\n1,2\n", "columns 1 and 2 are both named 'A'")]
    public Task Header_WithARepeatedName_IsNamed(string text, string cause) =>
        AssertRefused("duplicate.csv", text, "line 1", cause);

    [Theory]
    [InlineData("a,b,c\n1,2,3\n4,5\n", "line 3", "2 fields where the header has 3")]
    [InlineData("a,b,c\n1,2,3\n1,2,3\n4,5,6,7\n", "line 4", "4 fields where the header has 3")]
    public Task Line_WithAnotherNumberOfFields_IsNamed(string text, string line, string cause) =>
        AssertRefused("ragged.csv", text, line, cause);

    [Fact]
    public Task Quote_ThatIsNotClosed_IsNamed() =>
        AssertRefused("quote.csv", "a,b\n1,x\n2,\"never closed\n3,y\n", "line 3", "quote");

    [Fact]
    public Task Column_OfNumbersWithAWord_IsNamed() => AssertRefused(
        "mixed.csv", "a,b\n1,x\n2,y\noops,x\n4,y\n", "line 4", "column 'a' mixes types: 'oops' is no number, as 3 of 4 values are");

    [Fact]
    public Task Text_InLatin1_IsNamed() =>
        AssertRefused("latin.csv", [.. "a,b\n1,x\n2,"u8, 0xe9, (byte)'t', 0xe9, (byte)'\n'], "line 3", "not UTF-8");

    [Fact]
    public Task Header_InLatin1_IsNamed() => AssertRefused("latin.csv", [0xe9, .. ",b\n1,2\n"u8], "line 1", "not UTF-8");

    [Fact]
    public Task Text_InUtf16_IsNamed() => AssertRefused(
        "utf16.csv", [.. Encoding.Unicode.Preamble, .. Encoding.Unicode.GetBytes("a,b\n1,2\n")], "line 1", "UTF-16");

    [Fact]
    public Task Bytes_OfNoMeaning_AreNamed()
    {
        var bytes = new byte[4096];
        for (var i = 0; i < bytes.Length; i++) bytes[i] = (byte)(i * 2654435761L >> 13);
        return AssertRefused("garbage.csv", bytes, "line 1");
    }

    [Fact]
    public Task Bytes_OfNoMeaningAfterGoodLines_AreNamed() =>
        AssertRefused("half.csv", [.. "a,b\n1,2\n3,"u8, 0x00, 0xff, 0xfe, 0x00, (byte)'\n'], "line 3");

    [Fact]
    public Task LineEnds_OfTwoKinds_AreNamed() => AssertRefused("ends.csv", "a,b\n1,x\r\n2,y\n", "line 2", "CR LF");

    [Fact]
    public Task Gzip_CutShort_IsNamed()
    {
        var whole = Gzip(string.Concat("a,b\n", string.Concat(Enumerable.Range(0, 20_000).Select(i => $"{i},{i * 7919 % 1000}\n"))));
        return AssertRefused("cut.csv.gz", whole[..(whole.Length / 2)], "gzip is truncated or damaged");
    }

    [Fact]
    public Task Gzip_OfJsonCutShort_IsNamed()
    {
        var whole = Gzip(string.Concat(Enumerable.Range(0, 20_000).Select(i => $"{{\"a\":{i},\"b\":{i * 7919 % 1000}}}\n")));
        return AssertRefused("cut.jsonl.gz", whole[..(whole.Length / 2)], "gzip is truncated or damaged");
    }

    [Theory]
    [InlineData("{\"a\":1,\"b\":2}\nhello\n{\"a\":1,\"b\":2}\n", "line 2")]
    [InlineData("{\"a\":1,\"b\":2}\n{\"a\":1,\"b\":2}\n{\"a\":1,\"b\n", "line 3")]
    public Task JsonLine_ThatDoesNotParse_IsNamed(string text, string line) => AssertRefused("bad.jsonl", text, line, "bad JSON");

    [Fact]
    public Task Parquet_ThatIsNone_IsNamed() =>
        AssertRefused("bad.parquet", "PAR1 and then nothing that Parquet would say", "not a readable Parquet file");

    [Fact]
    public async Task Parquet_CutShort_IsNamed()
    {
        var good = _folder.File("good.parquet");
        using (var engine = new SqlEngine())
            engine.Execute($"COPY (SELECT range AS a, range AS b FROM range(5000)) TO '{good}' (FORMAT parquet)");
        var bytes = await File.ReadAllBytesAsync(good);
        File.Delete(good);
        await AssertRefused("cut.parquet", bytes[..(bytes.Length / 2)], "not a readable Parquet file");
    }

    [Fact]
    public async Task SecondFile_ThatIsBad_IsTheOneNamed()
    {
        await File.WriteAllTextAsync(_folder.File("1.csv"), "a,b\n1,2\n");
        await AssertRefused("2.csv", "a,b\n1,2\n3\n", ["1.csv", "2.csv"], "line 3");
    }

    [Theory]
    [InlineData("a,b\n1,\n2,\n3,\n", "no value in any row")]
    [InlineData("a,b\n1,5\n2,5\n3,5\n", "same value in every row")]
    public async Task Target_ThatTeachesNothing_IsNamed(string text, string cause)
    {
        var path = await Write("target.csv", Encoding.UTF8.GetBytes(text));
        var error = await Assert.ThrowsAsync<GyreException>(() => Inspect([path], "b"));
        AssertOneLine(error, path, "'b'", cause);
    }

    [Fact]
    public async Task Target_ThatIsAbsent_IsNamedWithTheNearest()
    {
        var path = await Write("target.csv", "a,Count\n1,2\n"u8.ToArray());
        var error = await Assert.ThrowsAsync<GyreException>(() => Inspect([path], "count"));
        AssertOneLine(error, path, "'count'", "did you mean 'Count'?");
    }

    [Fact]
    public async Task OneColumn_WithATarget_IsInspectedWithAWarning()
    {
        var path = await Write("one.csv", "y\n1.5\n2.5\n3.5\n"u8.ToArray());
        var inspection = await Inspect([path], "y");
        Assert.Empty(inspection.SuggestedFeatures);
        Assert.Contains(inspection.Warnings, w => w.Code == "no-features");
    }

    [Fact]
    public async Task Column_AllMissing_IsAWarning()
    {
        var path = await Write("missing.csv", "a,b,y\n1,,2\n2,,3\n3,,5\n"u8.ToArray());
        var inspection = await Inspect([path], "y");
        Assert.Contains(inspection.Warnings, w => w is { Code: "constant-column", Column: "b" });
        Assert.DoesNotContain("b", inspection.SuggestedFeatures);
    }

    [Fact]
    public Task TenThousandColumns_AreRefusedAtOnce() => AssertRefused(
        "wide.csv", $"{string.Join(',', Enumerable.Range(0, 10_000).Select(i => $"c{i}"))}\n{new string(',', 9_999)}\n", "10000 columns");

    [Fact]
    public async Task ManyColumns_AreInspectedSnapshottedAndChecked()
    {
        const int columns = 400;
        var text = new StringBuilder();
        text.AppendJoin(',', Enumerable.Range(0, columns).Select(i => $"c{i}")).Append('\n');
        for (var row = 0; row < 60; row++)
            text.AppendJoin(',', Enumerable.Range(0, columns).Select(i => (row * 31L + i * 17L) % 101)).Append('\n');
        var path = await Write("wide.csv", Encoding.UTF8.GetBytes(text.ToString()));
        var inspection = await Inspect([path], "c7");
        Assert.Equal(columns, inspection.Schema.Count);
        var store = new SnapshotStore(_folder.File("snapshots"), TimeProvider.System);
        var snapshot = await store.TakeAsync(new SourceDefinition([path]), inspection.Schema, CancellationToken.None);
        Assert.Equal(60, snapshot.Rows);
        var report = await new ContractChecker().CheckAsync(
            snapshot, inspection.Contract, _folder.File("quarantine"), DateTimeOffset.UnixEpoch, CancellationToken.None);
        Assert.Empty(report.Broken);
    }

    public void Dispose() => _folder.Dispose();

    private Task AssertRefused(string name, string? text, params string[] parts) =>
        AssertRefused(name, text is null ? null : Encoding.UTF8.GetBytes(text), [name], parts);

    private Task AssertRefused(string name, byte[] content, params string[] parts) => AssertRefused(name, content, [name], parts);

    private Task AssertRefused(string name, string text, string[] source, params string[] parts) =>
        AssertRefused(name, Encoding.UTF8.GetBytes(text), source, parts);

    private async Task AssertRefused(string name, byte[]? content, string[] source, params string[] parts)
    {
        if (content is not null) await Write(name, content);
        var paths = source.Select(_folder.File).ToArray();
        var before = Directory.EnumerateFileSystemEntries(_folder.Path).Order().ToArray();
        AssertOneLine(await Assert.ThrowsAsync<GyreException>(() => Inspect(paths, null)), [_folder.File(name), .. parts]);
        if (!parts.Any(part => part.Contains("mixes types", StringComparison.Ordinal)))
        {
            var store = new SnapshotStore(_folder.File("snapshots"), TimeProvider.System);
            var schema = new Schema([new ColumnDefinition("a", ColumnType.Numeric), new ColumnDefinition("b", ColumnType.Categorical)]);
            AssertOneLine(
                await Assert.ThrowsAsync<GyreException>(() => store.TakeAsync(new SourceDefinition([.. paths]), schema, CancellationToken.None)),
                [_folder.File(name), .. parts]);
        }

        var snapshots = _folder.File("snapshots");
        if (Directory.Exists(snapshots)) Assert.Empty(Directory.EnumerateFileSystemEntries(snapshots));
        Assert.Equal(before, Directory.EnumerateFileSystemEntries(_folder.Path).Where(p => p != snapshots).Order());
    }

    private static void AssertOneLine(GyreException error, params string[] parts)
    {
        Assert.Equal(ErrorCode.InvalidInput, error.Code);
        Assert.DoesNotContain('\n', error.Message);
        foreach (var part in parts) Assert.Contains(part, error.Message, StringComparison.Ordinal);
    }

    private static Task<SourceInspection> Inspect(string[] paths, string? target) =>
        new SourceInspector().InspectAsync(new SourceDefinition([.. paths]), target, null, CancellationToken.None);

    private async Task<string> Write(string name, byte[] content)
    {
        await File.WriteAllBytesAsync(_folder.File(name), content);
        return _folder.File(name);
    }

    private static byte[] Gzip(string text)
    {
        using var memory = new MemoryStream();
        using (var gzip = new GZipStream(memory, CompressionLevel.Fastest)) gzip.Write(Encoding.UTF8.GetBytes(text));
        return memory.ToArray();
    }
}
