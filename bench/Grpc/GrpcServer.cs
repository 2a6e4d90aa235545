using System.Buffers;
using System.Diagnostics;
using Gyre.Primitives;
using Gyre.Server;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;

namespace Gyre.Bench.Grpc;

/// <summary>
/// The measured server, a process of its own: the product's host, and two gRPC methods that do nothing: one reads its
/// message and answers an empty one, the other sends it back. Ended with this object.
/// </summary>
internal sealed class GrpcServer : IDisposable
{
    public const string EmptyPath = "/bench.Echo/Empty";

    public const string EchoPath = "/bench.Echo/Echo";

    private static readonly byte[] EmptyMessage = new byte[5];

    private readonly Process _process;

    private GrpcServer(Process process, Uri address) => (_process, Address) = (process, address);

    /// <summary>Where HTTP/2 is spoken.</summary>
    public Uri Address { get; }

    public static GrpcServer Start(string workspace)
    {
        var own = Environment.ProcessPath!; // a running program has a path
        var isHost = Path.GetFileNameWithoutExtension(own) == "dotnet";
        var start = new ProcessStartInfo(own) { RedirectStandardOutput = true };
        if (isHost) start.ArgumentList.Add(typeof(GrpcServer).Assembly.Location);
        foreach (var argument in new[] { "grpc", "--serve", workspace }) start.ArgumentList.Add(argument);
        var process = Process.Start(start)!; // null only where the shell starts it
        var line = process.StandardOutput.ReadLine() ?? throw GyreException.Invalid("The server did not start.");
        return new GrpcServer(process, new Uri(line));
    }

    /// <summary>Runs the server in this process, until it is killed.</summary>
    public static int Run(string workspace)
    {
        var app = GyreHost.Build(new GyreHostOptions
        {
            Workspace = workspace, Urls = "http://127.0.0.1:0", GrpcUrls = "http://127.0.0.1:0",
        });
        app.MapPost(EmptyPath, context => AnswerAsync(context, isEcho: false));
        app.MapPost(EchoPath, context => AnswerAsync(context, isEcho: true));
        app.Start();
        Console.WriteLine(app.Urls.Last());
        app.WaitForShutdown();
        return 0;
    }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    /// <summary>Processor time used so far, by all threads.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    private static async Task AnswerAsync(HttpContext context, bool isEcho)
    {
        var body = context.Request.BodyReader;
        var result = await body.ReadAsync(context.RequestAborted);
        while (!result.IsCompleted)
        {
            body.AdvanceTo(result.Buffer.Start, result.Buffer.End);
            result = await body.ReadAsync(context.RequestAborted);
        }

        context.Response.ContentType = "application/grpc";
        if (!isEcho) BuffersExtensions.Write(context.Response.BodyWriter, EmptyMessage);
        else
        {
            foreach (var part in result.Buffer) BuffersExtensions.Write(context.Response.BodyWriter, part.Span);
        }

        body.AdvanceTo(result.Buffer.End);
        context.Response.AppendTrailer("grpc-status", "0");
    }
}
