using System.Globalization;
using Gyre.Primitives;
using Gyre.Server;
using Gyre.Serving;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;

namespace Gyre.Bench.Serving;

/// <summary>
/// The measured server: the product's host, and two endpoints that do nothing: one reads the body and answers an empty
/// object, the other sends the body back.
/// </summary>
internal static class BenchmarkHost
{
    private static readonly byte[] Empty = "{}"u8.ToArray();

    /// <summary>Serves until it is killed.</summary>
    /// <param name="workspace">With registered models.</param>
    /// <param name="how"><c>--sample SHARE</c> of the prediction log, <c>--queue-timeout SECONDS</c>.</param>
    public static int Run(string workspace, string[] how)
    {
        var serving = new ServingOptions();
        for (var i = 0; i + 1 < how.Length; i += 2)
        {
            var number = double.Parse(how[i + 1], CultureInfo.InvariantCulture);
            if (how[i] == "--sample")
                serving.LogPolicies = new Dictionary<string, LogPolicy> { ["adult"] = new() { Sample = number } };
            else if (how[i] == "--queue-timeout") serving.QueueTimeout = TimeSpan.FromSeconds(number);
            else throw GyreException.Invalid($"{how[i]} is no option of the measured server.");
        }

        var app = GyreHost.Build(new GyreHostOptions
        {
            Workspace = workspace, Urls = "http://127.0.0.1:0", Serving = serving,
        });
        // Below a route that anybody may ask: nothing is checked, limited or audited for them.
        app.MapPost("/health/empty", AnswerAsync);
        app.MapPost("/health/echo", EchoAsync);
        app.Start();
        Console.WriteLine(app.Urls.First());
        app.WaitForShutdown();
        return 0;
    }

    private static async Task EchoAsync(HttpContext context)
    {
        var body = context.Request.BodyReader;
        var result = await body.ReadAsync(context.RequestAborted);
        while (!result.IsCompleted)
        {
            body.AdvanceTo(result.Buffer.Start, result.Buffer.End);
            result = await body.ReadAsync(context.RequestAborted);
        }

        context.Response.ContentType = "application/json";
        context.Response.ContentLength = result.Buffer.Length;
        foreach (var part in result.Buffer) await context.Response.BodyWriter.WriteAsync(part, context.RequestAborted);
        body.AdvanceTo(result.Buffer.End);
    }

    private static async Task AnswerAsync(HttpContext context)
    {
        var body = context.Request.BodyReader;
        while (true)
        {
            var result = await body.ReadAsync(context.RequestAborted);
            body.AdvanceTo(result.Buffer.End);
            if (result.IsCompleted) break;
        }

        context.Response.ContentType = "application/json";
        context.Response.ContentLength = Empty.Length;
        await context.Response.BodyWriter.WriteAsync(Empty, context.RequestAborted);
    }
}
