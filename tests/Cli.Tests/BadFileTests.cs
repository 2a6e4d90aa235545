using System.IO.Compression;
using System.Text;
using Gyre.Fixtures;

namespace Gyre.Cli.Tests;

/// <summary>Every file that cannot be used ends with exit code 2, one line that names file and cause, and nothing left behind.</summary>
public class BadFileTests
{
    public static TheoryData<string, string> Files => new()
    {
        { "missing.csv", "" },
        { "empty.csv", "" },
        { "header.csv", "a,b,y\n" },
        { "one-column.csv", "y\n1\n2\n3\n" },
        { "all-missing.csv", "a,y\n1,\n2,\n3,\n" },
        { "duplicate.csv", "a,a,y\n1,2,3\n4,5,6\n" },
        { "ragged.csv", "a,b,y\n1,2,3\n4,5\n6,7,8,9\n" },
        { "latin1.csv", "LATIN1" },
        { "garbage.csv", "GARBAGE" },
        { "truncated.csv.gz", "TRUNCATED" },
        { "lines.jsonl", "{\"a\":1,\"y\":2}\n{\"a\":1,\n" },
        { "broken.parquet", "PAR1 this is no Parquet file PAR1" },
    };

    [Theory]
    [MemberData(nameof(Files))]
    public async Task Init_UnusableFile_OneLineExitTwoNothingLeft(string name, string content)
    {
        using var folder = new TemporaryFolder();
        if (name != "missing.csv") await File.WriteAllBytesAsync(folder.File(name), Bytes(content));
        var before = Directory.GetFileSystemEntries(folder.Path, "*", SearchOption.AllDirectories);

        var result = await GyreProcess.RunAsync(folder.Path, "init", name, "--target", "y");

        Assert.True(result.ExitCode == 2, $"exit {result.ExitCode}: {result.Output}{result.Errors}");
        var line = Assert.Single(result.Errors.TrimEnd('\n').Split('\n'));
        Assert.Contains(name, line, StringComparison.Ordinal);
        Assert.Equal(before, Directory.GetFileSystemEntries(folder.Path, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Run_SourceBecameUnreadable_ExitTwoAndNoVersion()
    {
        using var folder = new TemporaryFolder();
        await BikeWorkspace.InitAsync(folder);
        await File.WriteAllTextAsync(folder.File("bike.csv"), "");

        var result = await GyreProcess.RunAsync(folder.Path, "run");

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("bike.csv", Assert.Single(result.Errors.TrimEnd('\n').Split('\n')), StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(folder.Path, "*.parquet", SearchOption.AllDirectories));
        Assert.Empty(Directory.GetFiles(folder.Path, "*.tmp", SearchOption.AllDirectories));
        Assert.Empty(Directory.GetFiles(folder.Path, "MLmodel", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Init_TenThousandColumns_OneLineExitTwoNothingLeft()
    {
        using var folder = new TemporaryFolder();
        await using (var writer = new StreamWriter(folder.File("wide.csv")))
        {
            await writer.WriteLineAsync(string.Join(',', Enumerable.Range(0, 10_000).Select(i => $"c{i}")));
            for (var row = 0; row < 20; row++)
                await writer.WriteLineAsync(string.Join(',', Enumerable.Range(0, 10_000).Select(i => (i * 7 + row * 13) % 101)));
        }

        var result = await GyreProcess.RunAsync(folder.Path, "init", "wide.csv", "--target", "c0");

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("wide.csv", Assert.Single(result.Errors.TrimEnd('\n').Split('\n')), StringComparison.Ordinal);
        Assert.False(File.Exists(folder.File("gyre.yaml")));
    }

    private static byte[] Bytes(string content) => content switch
    {
        "LATIN1" => Encoding.Latin1.GetBytes("a,y\ncafé,1\nthé,2\n"),
        "GARBAGE" => [.. Enumerable.Range(0, 5000).Select(i => (byte)(i * 7919 % 251))],
        "TRUNCATED" => Gzip("a,b,y\n" + string.Concat(Enumerable.Range(0, 5000).Select(i => $"{i},{i * 31 % 17},{i % 3}\n")))[..2000],
        _ => Encoding.UTF8.GetBytes(content),
    };

    private static byte[] Gzip(string text)
    {
        using var buffer = new MemoryStream();
        using (var gzip = new GZipStream(buffer, CompressionLevel.Fastest)) gzip.Write(Encoding.UTF8.GetBytes(text));
        return buffer.ToArray();
    }
}
