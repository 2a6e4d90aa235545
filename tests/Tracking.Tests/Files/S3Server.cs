using System.Diagnostics;
using Amazon.Runtime;
using Amazon.S3;
using Gyre.Fixtures;

namespace Gyre.Tracking.Tests.Files;

/// <summary>An S3 server of its own with the bucket <c>gyre</c>, for the tests of one class; gone with them.</summary>
public sealed class S3Server : IDisposable
{
    private static readonly string Folder = Path.Combine(TestData.Root, "tests", "Tracking.Tests", "S3");

    private readonly TemporaryFolder _folder = new();
    private readonly Process? _process;
    private readonly string? _address;

    public S3Server()
    {
        if (Missing is not null) return;
        _process = Process.Start(new ProcessStartInfo("node", [Path.Combine(Folder, "server.js"), _folder.Path])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        }) ?? throw new InvalidOperationException("node did not start");
        _address = $"http://127.0.0.1:{_process.StandardOutput.ReadLine()}";
    }

    /// <summary>Why there can be no server on this machine; null when there can.</summary>
    public static string? Missing { get; } = File.Exists(Path.Combine(Folder, "node_modules", ".restored"))
        ? null
        : "The S3 server's packages are absent: npm could not bring them when the tests were built.";

    /// <summary>A client with the settings that Gyre uses.</summary>
    public AmazonS3Client Client()
    {
        var settings = S3Connection.Settings();
        settings.RegionEndpoint = null;
        settings.ServiceURL = _address;
        settings.AuthenticationRegion = "us-east-1";
        settings.ForcePathStyle = true;
        return new AmazonS3Client(new BasicAWSCredentials("S3RVER", "S3RVER"), settings);
    }

    public void Dispose()
    {
        if (_process is not null)
        {
            _process.StandardInput.Close();
            if (!_process.WaitForExit(5000)) _process.Kill();
            _process.Dispose();
        }

        _folder.Dispose();
    }
}

/// <summary>A fact that needs the S3 server; skipped, with the reason, where it cannot be.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class S3FactAttribute : FactAttribute
{
    public S3FactAttribute() => Skip = S3Server.Missing;
}
