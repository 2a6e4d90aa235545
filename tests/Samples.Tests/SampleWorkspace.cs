using Gyre.Fixtures;
using Gyre.Loop;
using Gyre.Loop.Pipeline;
using Gyre.Loop.Runs;
using Gyre.Server;
using Microsoft.AspNetCore.Builder;

namespace Gyre.Samples.Tests;

/// <summary>A copy of a folder of <c>samples/</c> in a temporary place, run as its reader would run it.</summary>
internal sealed class SampleWorkspace : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private SampleWorkspace(string name, (string From, string To)[] changes)
    {
        Copy(SampleData.Folder(name), _folder.Path);
        SampleData.Provide(name, _folder.File("data"));
        var file = _folder.File(PipelineReader.FileName);
        var text = File.ReadAllText(file);
        foreach (var (from, to) in changes)
        {
            Assert.Contains(from, text, StringComparison.Ordinal);
            text = text.Replace(from, to, StringComparison.Ordinal);
        }

        File.WriteAllText(file, text);
        Definition = PipelineReader.Parse(text, _folder.Path);
        Workspace = Workspace.Open(_folder.Path, Definition.Serving, TimeProvider.System);
    }

    public PipelineDefinition Definition { get; }

    public Workspace Workspace { get; }

    public string Folder => _folder.Path;

    /// <summary>Copies a sample.</summary>
    /// <param name="name">Its folder's name.</param>
    /// <param name="changes">Texts of gyre.yaml to replace, each of which must be there: smaller budgets.</param>
    public static SampleWorkspace Open(string name, params (string From, string To)[] changes) => new(name, changes);

    public Task<RunOutcome> RunAsync() =>
        new PipelineRunner(Workspace).RunAsync(Definition, RunRequest.Manual, null, CancellationToken.None);

    /// <summary>The server of this workspace on a free port, ready to answer for the champion.</summary>
    public async Task<(WebApplication Server, HttpClient Client)> ServeAsync()
    {
        var server = GyreHost.Build(new GyreHostOptions
        {
            Workspace = _folder.Path, Urls = "http://127.0.0.1:0", Time = TimeProvider.System, Loop = false,
            Serving = new Serving.ServingOptions { StrictPredictionLog = true },
        });
        await server.StartAsync();
        var client = new HttpClient { BaseAddress = new Uri(server.Urls.First()) };
        var ready = new Uri($"v2/models/{Definition.Model}/ready", UriKind.Relative);
        for (var i = 0; i < 200; i++)
        {
            using var answer = await client.GetAsync(ready);
            if (answer.IsSuccessStatusCode) return (server, client);
            await Task.Delay(50);
        }

        throw new InvalidOperationException("The server did not become ready within 10 s.");
    }

    public void Dispose()
    {
        Workspace.Dispose();
        _folder.Dispose();
    }

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.GetFiles(from)) File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        foreach (var folder in Directory.GetDirectories(from).Where(f => !f.EndsWith(".gyre", StringComparison.Ordinal)))
            Copy(folder, Path.Combine(to, Path.GetFileName(folder)));
    }
}
