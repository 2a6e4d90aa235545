using System.Security.Cryptography;
using Gyre.Fixtures;
using Gyre.Primitives;

namespace Gyre.Tracking.Tests.Files;

/// <summary>What every store of artifacts must do, of a local folder and of a bucket.</summary>
public sealed class ArtifactRepositoryTests(S3Server s3) : IClassFixture<S3Server>, IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private static int _prefixes;

    public static TheoryData<string> Stores { get; } = S3Server.Missing is null ? ["folder", "bucket"] : ["folder"];

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task WriteAsync_AnyLength_ComesBackWholeAndInSlices(string store)
    {
        var repository = Open(store);
        foreach (var length in new[] { 0, 1, 70_000, S3Artifacts.PartSize, (2 * S3Artifacts.PartSize) + 12_345 })
        {
            var content = RandomNumberGenerator.GetBytes(length);
            await repository.WriteAsync("a/b.bin", new MemoryStream(content), null, CancellationToken.None);
            await using var found = await repository.FindAsync("a/b.bin", CancellationToken.None);
            Assert.Equal(length, found!.Length);
            var slices = new[]
            {
                (0, length), (length / 3, length / 2), (Math.Max(0, length - 1), Math.Min(1, length)),
            };
            foreach (var (from, count) in slices)
            {
                using var read = new MemoryStream();
                await found.CopyToAsync(read, from, count, CancellationToken.None);
                Assert.Equal(SHA256.HashData(content.AsSpan(from, count)), SHA256.HashData(read.ToArray()));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task ListAsync_Folders_ShowsOneLevelByName(string store)
    {
        var repository = Open(store);
        foreach (var path in new[] { "b.txt", "a/one", "a/b/two", "ab/three", "Größe #1.txt" })
            await WriteAsync(repository, path, "12345");
        Assert.Equal([("Größe #1.txt", 5L), ("a", null), ("ab", null), ("b.txt", 5L)], await ListAsync(repository, ""));
        Assert.Equal([("b", null), ("one", 5L)], await ListAsync(repository, "a"));
        Assert.Empty(await ListAsync(repository, "b.txt"));
        Assert.Empty(await ListAsync(repository, "absent/folder"));
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task DeleteAsync_FileFolderAndAbsent_Succeed(string store)
    {
        var repository = Open(store);
        foreach (var path in new[] { "a/one", "a/b/two", "ab", "c" }) await WriteAsync(repository, path, "x");
        foreach (var path in new[] { "c", "a", "absent/x" }) await repository.DeleteAsync(path, CancellationToken.None);
        Assert.Equal([("ab", 1L)], await ListAsync(repository, ""));
        Assert.Null(await repository.FindAsync("a/one", CancellationToken.None));
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task FindAsync_FolderOrAbsent_IsNull(string store)
    {
        var repository = Open(store);
        await WriteAsync(repository, "a/one", "x");
        Assert.Null(await repository.FindAsync("a", CancellationToken.None));
        Assert.Null(await repository.FindAsync("b", CancellationToken.None));
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task WriteAsync_ContentFails_LeavesTheFormerFile(string store)
    {
        var repository = Open(store);
        await WriteAsync(repository, "f", "former");
        foreach (var length in new[] { 10, (2 * S3Artifacts.PartSize) + 10 })
        {
            await Assert.ThrowsAsync<IOException>(() => repository.WriteAsync(
                "f", new BrokenStream(length), null, CancellationToken.None));
            Assert.Equal("former", await ReadAsync(repository, "f"));
            Assert.Equal([("f", 6L)], await ListAsync(repository, ""));
        }
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task FindAsync_ReplacedMeanwhile_NeverMixesContents(string store)
    {
        var repository = Open(store);
        await WriteAsync(repository, "f", "former");
        await using var found = await repository.FindAsync("f", CancellationToken.None);
        await WriteAsync(repository, "f", "latter");
        using var read = new MemoryStream();
        var failure = await Record.ExceptionAsync(() => found!.CopyToAsync(read, 0, 6, CancellationToken.None));
        if (failure is null) Assert.Equal("former", System.Text.Encoding.UTF8.GetString(read.ToArray()));
        else Assert.Equal(0, read.Length);
    }

    [S3Fact]
    public async Task CreateUploadAsync_Bucket_PartsGoToTheStore()
    {
        var repository = Open("bucket");
        var content = RandomNumberGenerator.GetBytes((5 << 20) + 1000);
        var upload = await repository.CreateUploadAsync("a/big", 2, "http://unused", CancellationToken.None);
        using var client = new HttpClient();
        var parts = new List<MultipartPart>();
        foreach (var number in new[] { 2, 1 })
        {
            using var body = new ByteArrayContent(number == 1 ? content[..(5 << 20)] : content[(5 << 20)..]);
            using var answer = await client.PutAsync(upload.Urls[number - 1], body);
            Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
            parts.Add(new MultipartPart(number, answer.Headers.ETag!.ToString())); // what a client reads
        }

        Assert.Null(await repository.FindAsync("a/big", CancellationToken.None));
        await repository.CompleteUploadAsync("a/big", upload.Id, parts, CancellationToken.None);
        var link = await repository.PresignDownloadAsync("a/big", CancellationToken.None);
        Assert.Equal(SHA256.HashData(content), SHA256.HashData(await client.GetByteArrayAsync(link)));
    }

    [S3Fact]
    public async Task PresignUploadAsync_Bucket_TakesTheFile()
    {
        var repository = Open("bucket");
        var link = await repository.PresignUploadAsync("a/f", TimeSpan.FromMinutes(5), CancellationToken.None);
        using var client = new HttpClient();
        using var body = new StringContent("content");
        using var answer = await client.PutAsync(link, body);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        Assert.Equal("content", await ReadAsync(repository, "a/f"));
    }

    [S3Fact]
    public async Task Call_BucketAbsent_IsNotFound()
    {
        using var repository = new S3Artifacts(s3.Client(), ArtifactRoot.Parse("s3://absent"));
        var error = await Assert.ThrowsAsync<GyreException>(() => WriteAsync(repository, "f", "x"));
        Assert.Equal(ErrorCode.NotFound, error.Code);
    }

    [Theory]
    [InlineData("s3://gyre/root", "gyre", "root")]
    [InlineData("s3://gyre", "gyre", "")]
    [InlineData("s3://gyre/a/b/", "gyre", "a/b")]
    public void FindPath_Bucket_KnowsItsOwnAddresses(string root, string bucket, string prefix)
    {
        var parsed = ArtifactRoot.Parse(root);
        Assert.Equal((bucket, prefix), (parsed.Bucket, parsed.Prefix));
        using var repository = new S3Artifacts(s3Client(), parsed);
        Assert.Equal("x/y", repository.FindPath($"{root.TrimEnd('/')}/x/y"));
        Assert.Equal("0/r/artifacts", repository.FindPath("mlflow-artifacts:/0/r/artifacts"));
        Assert.Equal("0/r", repository.FindPath("mlflow-artifacts://host:5000/0/r"));
        Assert.Null(repository.FindPath("s3://other/x"));
        Assert.Null(repository.FindPath($"{root.TrimEnd('/')}-more/x"));
        Assert.Null(repository.FindPath("/etc"));

        static Amazon.S3.IAmazonS3 s3Client() => new Amazon.S3.AmazonS3Client(
            new Amazon.Runtime.AnonymousAWSCredentials(),
            new Amazon.S3.AmazonS3Config { ServiceURL = "http://127.0.0.1:1" });
    }

    [Theory]
    [InlineData("gs://bucket")]
    [InlineData("s3://")]
    [InlineData("s3://bucket/../x")]
    [InlineData("")]
    public void Parse_NoRoot_IsRefused(string text) =>
        Assert.Equal(ErrorCode.InvalidInput, Assert.Throws<GyreException>(() => ArtifactRoot.Parse(text)).Code);

    public void Dispose() => _folder.Dispose();

    private IArtifactRepository Open(string store) => store == "folder"
        ? new LocalArtifacts(new ArtifactStore(_folder.File("artifacts")), TimeProvider.System)
        : new S3Artifacts(s3.Client(), ArtifactRoot.Parse($"s3://gyre/test{Interlocked.Increment(ref _prefixes)}"));

    private static Task WriteAsync(IArtifactRepository repository, string path, string text) => repository.WriteAsync(
        path, new MemoryStream(System.Text.Encoding.UTF8.GetBytes(text)), text.Length, CancellationToken.None);

    private static async Task<string> ReadAsync(IArtifactRepository repository, string path)
    {
        await using var found = await repository.FindAsync(path, CancellationToken.None);
        using var read = new MemoryStream();
        await found!.CopyToAsync(read, 0, found.Length, CancellationToken.None);
        return System.Text.Encoding.UTF8.GetString(read.ToArray());
    }

    private static async Task<IEnumerable<(string, long?)>> ListAsync(IArtifactRepository repository, string path) =>
        (await repository.ListAsync(path, CancellationToken.None)).Select(entry => (entry.Name, entry.Size));

    /// <summary>A body whose client goes away after a while.</summary>
    private sealed class BrokenStream(int length) : MemoryStream(new byte[length])
    {
        public override async ValueTask<int> ReadAsync(
            Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            await base.ReadAsync(buffer, cancellationToken) is var read and > 0 ? read : throw new IOException("gone");

        public override Task CopyToAsync(Stream destination, int bufferSize, CancellationToken cancellationToken) =>
            throw new IOException("gone");
    }
}
