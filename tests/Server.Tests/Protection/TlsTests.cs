using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Gyre.Fixtures;
using Gyre.Primitives;
using Gyre.Server.Protection;
using Gyre.Server.Protection.Keys;
using Gyre.Server.Protection.Tls;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Gyre.Server.Tests.Protection;

public sealed class TlsTests
{
    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();

    [Fact]
    public async Task Change_UnderLoad_ServesBothAndFailsNoRequest()
    {
        using var folder = new TemporaryFolder();
        var options = Write(folder, "first", out var first);
        await using var host = await StartAsync(options);
        var seen = new ConcurrentDictionary<string, int>();
        using var handler = new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.Zero }; // a handshake each
        handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, _, _) =>
            seen.AddOrUpdate(((X509Certificate2)certificate!).Thumbprint, 1, (_, n) => n + 1) > 0; // TLS has one
        using var client = new HttpClient(handler);
        using var stop = new CancellationTokenSource();
        var load = Enumerable.Range(0, 3).Select(_ => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
                Assert.Equal("ok", await StatusAsync(client, host));
        })).ToArray();
        await SeenAsync(seen, first.Thumbprint, load);
        Write(folder, "second", out var second);
        await SeenAsync(seen, second.Thumbprint, load);
        await stop.CancelAsync();
        await Task.WhenAll(load);
    }

    [Fact]
    public async Task Change_BrokenFile_KeepsTheCertificateAndSaysWhyOnce()
    {
        using var folder = new TemporaryFolder();
        var options = Write(folder, "first", out var first);
        using var log = new LogLines();
        using var follower = new CertificateFollower(options, TimeProvider.System, log.Of<CertificateFollower>());
        await File.WriteAllTextAsync(options.CertificateFile, "-----BEGIN CERTIFICATE-----\nbroken");
        follower.Refresh();
        follower.Refresh();
        File.Delete(options.CertificateFile);
        follower.Refresh();
        follower.Refresh();
        Assert.Equal(first.Thumbprint, follower.Current.Leaf.Thumbprint);
        Assert.Equal(2, log.Lines.Count(line => line.Contains("stays", StringComparison.Ordinal)));
        Write(folder, "second", out var second);
        follower.Refresh();
        Assert.Equal(second.Thumbprint, follower.Current.Leaf.Thumbprint);
    }

    [Theory]
    [InlineData(-10, -1, "has expired")]
    [InlineData(-10, 3, "expires at")]
    [InlineData(1, 90, "is not valid before")]
    [InlineData(-1, 90, null)]
    public void Start_CertificateOutOfDate_IsTold(int fromDays, int untilDays, string? told)
    {
        using var folder = new TemporaryFolder();
        var options = Write(folder, "dated", out _, Now.AddDays(fromDays), Now.AddDays(untilDays));
        using var log = new LogLines();
        using var follower = new CertificateFollower(options, TimeProvider.System, log.Of<CertificateFollower>());
        if (told is null) Assert.Empty(log.Lines);
        else Assert.Contains(told, Assert.Single(log.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public void Read_PfxWithPassword_AndWithAnotherOne()
    {
        using var folder = new TemporaryFolder();
        using var certificate = Make("pfx", Now.AddDays(-1), Now.AddDays(90));
        File.WriteAllBytes(folder.File("server.pfx"), certificate.Export(X509ContentType.Pkcs12, "secret"));
        var options = new TlsOptions { CertificateFile = folder.File("server.pfx"), Password = "secret" };
        Assert.Equal(certificate.Thumbprint, CertificateFiles.Read(options).Leaf.Thumbprint);
        Assert.Throws<GyreException>(() => CertificateFiles.Read(options with { Password = "other" }));
        Assert.Throws<GyreException>(() => CertificateFiles.Read(options with { CertificateFile = folder.File("absent.pem") }));
    }

    [Fact]
    public async Task Connect_Http2OrOldTls_IsTakenOrRefused()
    {
        using var folder = new TemporaryFolder();
        await using var host = await StartAsync(Write(folder, "alpn", out _));
        using var client = new HttpClient(Trusting());
        foreach (var version in new[] { HttpVersion.Version11, HttpVersion.Version20 })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(host.Fixture.Address, "/health"))
            {
                Version = version, VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            };
            using var answer = await client.SendAsync(request);
            Assert.Equal((HttpStatusCode.OK, version), (answer.StatusCode, answer.Version));
        }

        var old = Trusting();
#pragma warning disable CA5397, SYSLIB0039 // the old protocol is what is tried
        old.SslOptions.EnabledSslProtocols = System.Security.Authentication.SslProtocols.Tls11;
#pragma warning restore CA5397, SYSLIB0039
        using var oldClient = new HttpClient(old);
        await Assert.ThrowsAsync<HttpRequestException>(() => StatusAsync(oldClient, host));
    }

    [Fact]
    public async Task Curl_CertificateAndKey_IsAnswered()
    {
        using var folder = new TemporaryFolder();
        var options = Write(folder, "curl", out _);
        await using var host = await StartAsync(options);
        var key = await host.KeyAsync(Scopes.Predict);
        Assert.Equal("200", Curl(host, options, "-H", $"Authorization: Bearer {key}"));
        Assert.Equal("200", Curl(host, options, "-u", $"user:{key}"));
        Assert.Equal("401", Curl(host, options));
    }

    [Theory]
    [InlineData("http://127.0.0.1:0")]
    public void Build_CertificateWithoutHttps_IsRefused(string urls)
    {
        using var folder = new TemporaryFolder();
        var tls = Write(folder, "unused", out _);
        Assert.Throws<GyreException>(() => GyreHost.Build(new GyreHostOptions
        {
            Workspace = folder.Path, Urls = urls, Protection = new ProtectionOptions { Tls = tls },
        }));
    }

    private static Task<GuardedHost> StartAsync(TlsOptions tls) =>
        GuardedHost.StartAsync(urls: "https://127.0.0.1:0", with: options => options with { Tls = tls });

    private static string Curl(GuardedHost host, TlsOptions tls, params string[] more)
    {
        var start = new ProcessStartInfo("curl",
        [
            "-s", "-o", "/dev/null", "-w", "%{http_code}", "--cacert", tls.CertificateFile, .. more,
            new Uri(host.Fixture.Address, "/v2").ToString(),
        ]) { RedirectStandardOutput = true };
        using var process = Process.Start(start)!; // null only where the shell starts it
        return process.StandardOutput.ReadToEnd();
    }

    private static SocketsHttpHandler Trusting() => new()
    {
        SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = (_, _, _, _) => true },
    };

    private static async Task<string?> StatusAsync(HttpClient client, GuardedHost host)
    {
        var text = await client.GetStringAsync(new Uri(host.Fixture.Address, "/health"));
        return text.Length > 0 ? "ok" : null;
    }

    private static async Task SeenAsync(
        ConcurrentDictionary<string, int> seen, string thumbprint, Task[] load)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (seen.GetValueOrDefault(thumbprint) < 10)
        {
            if (Array.Find(load, task => task.IsCompleted) is { } ended) await ended; // it failed, and says why
            await Task.Delay(20, patience.Token);
        }
    }

    private static TlsOptions Write(
        TemporaryFolder folder, string name, out X509Certificate2 certificate, DateTimeOffset? from = null, DateTimeOffset? until = null)
    {
        certificate = Make(name, from ?? Now.AddDays(-1), until ?? Now.AddDays(90));
        using var key = certificate.GetECDsaPrivateKey()!; // made with one
        File.WriteAllText(folder.File("key.pem"), key.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(folder.File("cert.pem"), certificate.ExportCertificatePem());
        return new TlsOptions { CertificateFile = folder.File("cert.pem"), KeyFile = folder.File("key.pem") };
    }

    private static X509Certificate2 Make(string name, DateTimeOffset from, DateTimeOffset until)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        return request.CreateSelfSigned(from, until);
    }

    /// <summary>A logger that keeps its lines.</summary>
    private sealed class LogLines : ILoggerProvider
    {
        public ConcurrentQueue<string> Lines { get; } = new();

        public ILogger<T> Of<T>() => LoggerFactory.Create(logging => logging.AddProvider(this)).CreateLogger<T>();

        public ILogger CreateLogger(string categoryName) => new Logger(Lines);

        public void Dispose()
        {
        }

        private sealed class Logger(ConcurrentQueue<string> lines) : ILogger
        {
            public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

            public bool IsEnabled(LogLevel logLevel) => true;

            public void Log<TState>(
                LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
            {
                if (logLevel >= LogLevel.Warning) lines.Enqueue(formatter(state, exception));
            }
        }
    }
}
