using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;

namespace Gyre.Tracking.Tests.Rest;

/// <summary>What recorded pairs cannot show of the artifact proxy: bytes, headers, clients that misbehave.</summary>
public class ArtifactRestTests
{
    private const string Proxy = "/api/2.0/mlflow-artifacts/artifacts";

    public static TheoryData<string> PathsThatLeadOut { get; } =
    [
        "../secret", "a/../../secret", "%2e%2e/secret", "%252e%252e/secret", "%25252e%25252e%25252fsecret",
        "..%2fsecret", "..%252fsecret", "..%5csecret", "a%5c..%5c..%5csecret", @"..\secret", "%2fetc/passwd",
        "%252fetc%252fpasswd", "/etc/passwd", "C:/secret", "c:%5csecret", "C%3A%2Fsecret", "file:///etc/passwd",
        "file%3a///etc/passwd", "a%00b", "a%2500b", "a%0ab", "a%23b", "a%2523b", "%c0%ae%c0%ae/%2e%2e/secret", "..",
        "%2e%2e", "a/..", "a/%2E%2e/b", ".gyre-uploads/x", "%2egyre-uploads/x", "a/../.gyre-uploads/x",
        "link/secret", "link%2fsecret", "%6cink/secret",
    ];

    [Theory]
    [MemberData(nameof(PathsThatLeadOut))]
    public async Task AnyMethod_PathThatLeadsOut_IsRefusedAndTouchesNothing(string path)
    {
        await using var server = await RestFixture.StartAsync();
        var (root, outside) = MakeSecret(server);
        foreach (var request in new[] { "PUT", "GET", "DELETE" })
        {
            var body = request == "PUT" ? "stolen" : "";
            var answer = await SendRawAsync(server, $"{request} {Proxy}/{path} HTTP/1.1", body);
            Assert.True(answer.StartsWith("HTTP/1.1 400 ", StringComparison.Ordinal)
                || answer.StartsWith("HTTP/1.1 404 ", StringComparison.Ordinal)
                || answer.StartsWith("HTTP/1.1 405 ", StringComparison.Ordinal), $"{request} {path}: {answer}");
            Assert.DoesNotContain("hidden", answer, StringComparison.Ordinal);
        }

        var listing = await SendRawAsync(server, $"GET {Proxy}?path={path} HTTP/1.1", "");
        Assert.DoesNotContain("\"path\":\"secret\"", listing, StringComparison.Ordinal);
        Assert.Equal("hidden", await File.ReadAllTextAsync(outside));
        Assert.Equal(["link"], Directory.GetFileSystemEntries(root).Select(Path.GetFileName)
            .Where(name => name != ".gyre-uploads"));
    }

    [Fact]
    public async Task Put_ConnectionLost_LeavesNothingVisible()
    {
        await using var server = await RestFixture.StartAsync();
        var root = server.Services.GetRequiredService<ArtifactStore>().Root;
        foreach (var header in new[] { "Content-Length: 1000000", "Transfer-Encoding: chunked" })
        {
            using (var client = await ConnectAsync(server))
            {
                var stream = client.GetStream();
                await stream.WriteAsync(Encoding.ASCII.GetBytes(
                    $"PUT {Proxy}/0/r/artifacts/half HTTP/1.1\r\nHost: localhost\r\n{header}\r\n\r\n20000\r\n"));
                await stream.WriteAsync(new byte[100_000]);
                await WaitAsync(() => Directory.Exists(Path.Combine(root, ".gyre-uploads"))
                    && Directory.GetFiles(Path.Combine(root, ".gyre-uploads")).Length > 0);
                Assert.False(File.Exists(Path.Combine(root, "0", "r", "artifacts", "half")));
            }

            await WaitAsync(() => Directory.GetFiles(Path.Combine(root, ".gyre-uploads")).Length == 0);
            Assert.False(File.Exists(Path.Combine(root, "0", "r", "artifacts", "half")));
            Assert.Equal("{}", (await server.GetAsync(Proxy)).ToJsonString());
        }
    }

    [Fact]
    public async Task Put_LeftByAKilledProcess_IsSweptAtTheNextUpload()
    {
        await using var server = await RestFixture.StartAsync();
        var uploads = Directory.CreateDirectory(
            Path.Combine(server.Services.GetRequiredService<ArtifactStore>().Root, ".gyre-uploads"));
        var (left, fresh) = (Path.Combine(uploads.FullName, "left"), Path.Combine(uploads.FullName, "fresh"));
        var parts = Directory.CreateDirectory(Path.Combine(uploads.FullName, "parts")).FullName;
        foreach (var file in new[] { left, fresh, Path.Combine(parts, "1-ab") })
            await File.WriteAllTextAsync(file, "half");
        File.SetLastWriteTimeUtc(left, File.GetLastWriteTimeUtc(left).AddHours(-2));
        Directory.SetLastWriteTimeUtc(parts, Directory.GetLastWriteTimeUtc(parts).AddDays(-8));

        await server.SendAsync(HttpMethod.Put, $"{Proxy}/a", "x", "");
        Assert.Equal([fresh], Directory.GetFileSystemEntries(uploads.FullName));
    }

    [Fact]
    public async Task Put_LongerThanTheServersLimitOnBodies_IsStoredWhole()
    {
        await using var server = await RestFixture.StartAsync();
        var content = RandomNumberGenerator.GetBytes(40 << 20); // the default limit is 28.6 MiB
        using var body = new StreamContent(new MemoryStream(content)); // without a length: chunked
        body.Headers.ContentLength = null;
        using var request = new HttpRequestMessage(HttpMethod.Put, $"{Proxy}/0/big.bin") { Content = body };
        request.Headers.TransferEncodingChunked = true;
        using var answer = await server.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var stored = await server.Client.GetByteArrayAsync($"{Proxy}/0/big.bin");
        Assert.Equal(SHA256.HashData(content), SHA256.HashData(stored));
    }

    [Fact]
    public async Task Put_OverAFileThatIsBeingRead_LeavesTheReaderItsContent()
    {
        await using var server = await RestFixture.StartAsync();
        var old = new string('o', 8 << 20);
        await server.SendAsync(HttpMethod.Put, $"{Proxy}/f", old, "");
        using var answer = await server.Client.GetAsync($"{Proxy}/f", HttpCompletionOption.ResponseHeadersRead);
        await server.SendAsync(HttpMethod.Put, $"{Proxy}/f", "new", "");
        Assert.Equal(old, await answer.Content.ReadAsStringAsync());
        Assert.Equal("new", await server.Client.GetStringAsync($"{Proxy}/f"));
    }

    [Theory]
    [InlineData("a.txt", "text/plain", "attachment; filename=a.txt; filename*=UTF-8''a.txt")]
    [InlineData("MLmodel", "text/plain", "attachment; filename=MLmodel; filename*=UTF-8''MLmodel")]
    [InlineData("a b.png", "image/png", "attachment; filename=\"a b.png\"; filename*=UTF-8''a%20b.png")]
    [InlineData("Größe.html", "text/html", "attachment; filename=Gr__e.html; filename*=UTF-8''Gr%C3%B6%C3%9Fe.html")]
    [InlineData("模型.onnx", "application/octet-stream",
        "attachment; filename=__.onnx; filename*=UTF-8''%E6%A8%A1%E5%9E%8B.onnx")]
    public async Task Get_AnyName_HasTypeAndDisposition(string name, string type, string disposition)
    {
        await using var server = await RestFixture.StartAsync();
        var path = $"{Proxy}/0/{Uri.EscapeDataString(name)}";
        await server.SendAsync(HttpMethod.Put, path, "content", "");
        foreach (var method in new[] { HttpMethod.Get, HttpMethod.Head })
        {
            using var request = new HttpRequestMessage(method, path);
            using var answer = await server.Client.SendAsync(request);
            Assert.Equal((HttpStatusCode.OK, type, 7L), (answer.StatusCode,
                answer.Content.Headers.ContentType?.MediaType, answer.Content.Headers.ContentLength));
            Assert.Equal(disposition, Assert.Single(answer.Content.Headers.GetValues("Content-Disposition")));
            Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));
            Assert.Equal(method == HttpMethod.Get ? "content" : "", await answer.Content.ReadAsStringAsync());
        }
    }

    [Theory]
    [InlineData("bytes=0-0", 0, 1)]
    [InlineData("bytes=10-19", 10, 10)]
    [InlineData("bytes=990-", 990, 10)]
    [InlineData("bytes=-7", 993, 7)]
    [InlineData("bytes=-5000", 0, 1000)]
    [InlineData("bytes=500-5000", 500, 500)]
    [InlineData("bytes=1000-", -1, 0)]
    [InlineData("bytes=-0", -1, 0)]
    [InlineData("bytes=0-1,5-6", 0, 1000)]
    [InlineData("bytes=9-3", 0, 1000)]
    [InlineData("lines=0-3", 0, 1000)]
    [InlineData("nonsense", 0, 1000)]
    public async Task Get_Range_IsTheSliceThatAReferenceGives(string range, int from, int count)
    {
        await using var server = await RestFixture.StartAsync();
        var text = string.Concat(Enumerable.Range(0, 100).Select(i => i.ToString("D10", CultureInfo.InvariantCulture)));
        await server.SendAsync(HttpMethod.Put, $"{Proxy}/f", text, "");
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{Proxy}/f");
        request.Headers.TryAddWithoutValidation("Range", range);
        using var answer = await server.Client.SendAsync(request);
        var partial = from >= 0 && count < 1000 || range == "bytes=-5000";
        Assert.Equal(from < 0 ? HttpStatusCode.RequestedRangeNotSatisfiable
            : partial ? HttpStatusCode.PartialContent : HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(from < 0 ? "" : text.Substring(from, count), await answer.Content.ReadAsStringAsync());
        Assert.Equal(from < 0 ? "bytes */1000" : partial ? $"bytes {from}-{from + count - 1}/1000" : null,
            answer.Content.Headers.ContentRange?.ToString());
    }

    [Fact]
    public async Task Get_IfRangeOfAnotherContent_SendsAll()
    {
        await using var server = await RestFixture.StartAsync();
        await server.SendAsync(HttpMethod.Put, $"{Proxy}/f", "0123456789", "");
        using var first = await server.Client.GetAsync($"{Proxy}/f");
        Assert.Equal("345", await ResumeAsync());
        await server.SendAsync(HttpMethod.Put, $"{Proxy}/f", "abcdefghijk", "");
        Assert.Equal("abcdefghijk", await ResumeAsync());

        async Task<string> ResumeAsync()
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"{Proxy}/f");
            request.Headers.TryAddWithoutValidation("Range", "bytes=3-5");
            request.Headers.TryAddWithoutValidation("If-Range", first.Headers.ETag!.ToString()); // always sent
            using var answer = await server.Client.SendAsync(request);
            return await answer.Content.ReadAsStringAsync();
        }
    }

    [Fact]
    public async Task UploadArtifact_LongerThanTenMegabytes_IsRefusedHoweverItIsSent()
    {
        await using var server = await RestFixture.StartAsync();
        var run = await server.CreateRunAsync();
        foreach (var chunked in new[] { false, true })
        {
            using var body = new ByteArrayContent(new byte[(10 << 20) + 1]);
            using var request = new HttpRequestMessage(
                HttpMethod.Post, $"/ajax-api/2.0/mlflow/upload-artifact?run_uuid={run}&path=a") { Content = body };
            request.Headers.TransferEncodingChunked = chunked;
            using var answer = await server.Client.SendAsync(request);
            Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
            Assert.Contains("Max size is 10MB", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        Assert.Null((await server.GetAsync($"2.0/mlflow/artifacts/list?run_id={run}"))["files"]);
    }

    [Fact]
    public async Task Multipart_PartsInAnyOrderAndTwice_MakeTheFile()
    {
        await using var server = await RestFixture.StartAsync();
        var content = RandomNumberGenerator.GetBytes(2_500_000);
        var upload = await server.PostAsync(
            "2.0/mlflow-artifacts/mpu/create/0/r/artifacts", new { path = "/tmp/big.bin", num_parts = 3 });
        var tags = new Dictionary<int, string>();
        foreach (var number in new[] { 3, 1, 2, 2 })
        {
            var part = content[((number - 1) * 1_000_000)..Math.Min(number * 1_000_000, content.Length)];
            if (number == 2 && !tags.ContainsKey(2)) part = [1, 2, 3]; // sent again below
            using var body = new ByteArrayContent(part);
            using var answer = await server.Client.PutAsync((string?)upload["credentials"]![number - 1]!["url"], body);
            tags[number] = answer.Headers.ETag!.ToString(); // what a client reads
        }

        Assert.Equal("{}", (await server.GetAsync(Proxy)).ToJsonString());
        var parts = tags.Select(tag => new { part_number = tag.Key, etag = tag.Value, url = "" });
        await server.PostAsync("2.0/mlflow-artifacts/mpu/complete/0/r/artifacts",
            new { path = "/tmp/big.bin", upload_id = (string?)upload["upload_id"], parts });

        Assert.Equal(content, await server.Client.GetByteArrayAsync($"{Proxy}/0/r/artifacts/big.bin"));
        Assert.Empty(Directory.GetFileSystemEntries(
            Path.Combine(server.Services.GetRequiredService<ArtifactStore>().Root, ".gyre-uploads")));
    }

    [Fact]
    public async Task List_OtherProcessIsWriting_ShowsOnlyWhatIsWhole()
    {
        await using var server = await RestFixture.StartAsync();
        await server.SendAsync(HttpMethod.Put, $"{Proxy}/0/model.tmp", "a user's own", "");
        var folder = Path.Combine(server.Services.GetRequiredService<ArtifactStore>().Root, "0");
        await File.WriteAllTextAsync(Path.Combine(folder, "model.bin.123-abcd0123.tmp"), "half");
        var files = (await server.GetAsync(Proxy + "?path=0"))["files"] as JsonArray;
        Assert.Equal("model.tmp", (string?)Assert.Single(files!)!["path"]);
    }

    private static (string Root, string Outside) MakeSecret(RestFixture server)
    {
        var root = server.Services.GetRequiredService<ArtifactStore>().Root;
        Directory.CreateDirectory(root);
        var folder = Directory.CreateDirectory(Path.Combine(server.Folder, "outside")).FullName;
        Directory.CreateSymbolicLink(Path.Combine(root, "link"), folder);
        foreach (var file in new[] { Path.Combine(server.Folder, "secret"), Path.Combine(folder, "secret") })
            File.WriteAllText(file, "hidden");
        return (root, Path.Combine(server.Folder, "secret"));
    }

    private static async Task<TcpClient> ConnectAsync(RestFixture server)
    {
        var client = new TcpClient();
        var address = server.Client.BaseAddress!; // set at start
        await client.ConnectAsync(address.Host, address.Port);
        return client;
    }

    /// <summary>Sends a request line as it is; a usual client would tidy the path.</summary>
    private static async Task<string> SendRawAsync(RestFixture server, string line, string body)
    {
        using var client = await ConnectAsync(server);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(
            $"{line}\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {body.Length}\r\n\r\n{body}"));
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return await reader.ReadToEndAsync();
    }

    private static async Task WaitAsync(Func<bool> condition)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!condition()) await Task.Delay(10, limit.Token);
    }
}
