using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using Gyre.Fixtures;

namespace Gyre.Cli.Tests;

/// <summary>`gyre serve` with models that others published, asked by clients and compared with an engine of others.</summary>
public class ServeCommandTests
{
    private static readonly string Modules = Path.Combine(Checkout(), "tests", "Cli.Tests", "Foreign", "node_modules");

    [Fact]
    public async Task Serve_AFileThatIsNoModel_IsRefusedWithItsName()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.File("broken.onnx"), "not a graph");

        foreach (var (path, cause) in new[] { ("broken.onnx", "broken.onnx"), ("absent.onnx", "there is no such file") })
        {
            var result = await GyreProcess.RunAsync(folder.Path, "serve", path, "--urls", "http://127.0.0.1:0");
            Assert.Equal(2, result.ExitCode);
            Assert.Contains(cause, result.Errors, StringComparison.Ordinal);
        }

        Assert.False(Directory.Exists(folder.File(".gyre/artifacts/imported")));
    }

    [ForeignModelFact]
    public async Task Serve_PublishedModel_AnswersAsAnotherBindingOfTheEngine()
    {
        using var folder = new TemporaryFolder();
        var model = Path.Combine(Modules, "@gutenye", "ocr-models", "assets", "ch_ppocr_mobile_v2.0_cls_infer.onnx");
        long[] shape = [2, 3, 48, 192];
        var data = Enumerable.Range(0, 2 * 3 * 48 * 192).Select(i => (float)Math.Round(Math.Sin(i * 0.37), 3)).ToArray();
        await File.WriteAllTextAsync(folder.File("input.json"), JsonSerializer.Serialize(new { shape, data }));
        var expected = RunElsewhere(model, folder.File("input.json"));

        var url = $"http://127.0.0.1:{GyreProcess.FreePort()}";
        using var server = GyreProcess.Start(folder.Path, "serve", model, "--name", "angle", "--urls", url);
        using var client = new HttpClient { BaseAddress = new Uri(url) };
        var metadata = await ReadyAsync(client, server, "/v2/models/angle");
        var input = metadata.GetProperty("inputs")[0];
        Assert.Equal("FP32", input.GetProperty("datatype").GetString());
        Assert.Equal(-1, input.GetProperty("shape")[0].GetInt64());

        var request = new { inputs = new[] { new { name = input.GetProperty("name").GetString(), shape, datatype = "FP32", data } } };
        var answer = await (await client.PostAsJsonAsync("/v2/models/angle/infer", request)).EnsureSuccessStatusCode()
            .Content.ReadFromJsonAsync<JsonElement>();
        var output = answer.GetProperty("outputs")[0];
        var theirs = expected.GetProperty(output.GetProperty("name").GetString()!); // an output has a name
        Assert.Equal(Longs(theirs.GetProperty("shape")), Longs(output.GetProperty("shape")));
        Assert.Equal(Floats(theirs.GetProperty("data")), Floats(output.GetProperty("data"))); // the same engine: the same bits

        var wrong = new { inputs = new[] { new { name = input.GetProperty("name").GetString(), shape = new[] { 1, 3 }, datatype = "FP32", data = new[] { 1, 2, 3 } } } };
        var refusal = await client.PostAsJsonAsync("/v2/models/angle/infer", wrong);
        Assert.Equal(400, (int)refusal.StatusCode);
    }

    private static async Task<JsonElement> ReadyAsync(HttpClient client, GyreProcess server, string path)
    {
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < TimeSpan.FromMinutes(1);)
        {
            try
            {
                using var answer = await client.GetAsync(new Uri(path, UriKind.Relative));
                if (answer.IsSuccessStatusCode) return await answer.Content.ReadFromJsonAsync<JsonElement>();
            }
            catch (HttpRequestException)
            {
                // Not listening yet.
            }

            if (server.HasExited) (await server.WaitAsync()).Succeeded();
            await Task.Delay(50);
        }

        throw new TimeoutException("The server did not become ready.");
    }

    private static JsonElement RunElsewhere(string model, string input)
    {
        var start = new ProcessStartInfo("node") { RedirectStandardOutput = true };
        string[] arguments =
        [
            Path.Combine(Modules, "..", "run_onnx.js"), Path.Combine(Checkout(), "native", "node_modules"), model, input,
        ];
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!; // a shell-less start returns a process or throws
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return JsonDocument.Parse(output).RootElement;
    }

    private static long[] Longs(JsonElement array) => [.. array.EnumerateArray().Select(value => value.GetInt64())];

    private static float[] Floats(JsonElement array) => [.. array.EnumerateArray().Select(value => value.GetSingle())];

    private static string Checkout()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Gyre.slnx"))) folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("The tests run outside a checkout.");
    }

    /// <summary>Skipped where npm could not bring the models.</summary>
    [AttributeUsage(AttributeTargets.Method)]
    private sealed class ForeignModelFactAttribute : FactAttribute
    {
        public ForeignModelFactAttribute()
        {
            if (!Directory.Exists(Path.Combine(Modules, "@gutenye"))) Skip = "npm could not bring the published models";
        }
    }
}
