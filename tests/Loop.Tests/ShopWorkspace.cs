using System.Globalization;
using Gyre.Fixtures;
using Gyre.Loop.Ledger;
using Gyre.Loop.Pipeline;
using Gyre.Loop.Runs;
using Gyre.Server;
using Microsoft.AspNetCore.Builder;

namespace Gyre.Loop.Tests;

/// <summary>
/// A workspace on real files over hourly rows `at, temp, kind, extra, y`, where y = 10 temp + 3 [kind = b] + extra + noise. Row i is
/// always the same, so that appending leaves the older rows as they are.
/// </summary>
internal sealed class ShopWorkspace : IDisposable
{
    public const string Model = "shop";
    private static readonly DateTimeOffset _start = new(2024, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly TemporaryFolder _folder = new();

    public ShopWorkspace(int rows = 1200)
    {
        Workspace = Workspace.Open(_folder.Path, new ServingSettings(), Time);
        Runner = new PipelineRunner(Workspace);
        Write(rows);
    }

    public ManualTime Time { get; } = new();

    public Workspace Workspace { get; }

    public PipelineRunner Runner { get; }

    public string Source => _folder.File("shop.csv");

    public void Write(int rows, Func<int, ShopRow, ShopRow>? change = null) => File.WriteAllLines(Source,
        Enumerable.Range(0, rows).Select(i => Row(i) is var row && change is not null ? change(i, row) : row)
            .Select(row => row.Line).Prepend("at,temp,kind,extra,y"));

    public static ShopRow Row(int i)
    {
        var chance = new Random(i);
        var (temp, kind, extra) = (chance.NextDouble(), "abc"[chance.Next(3)].ToString(), 4 * chance.NextDouble());
        var y = (10 * temp) + (kind == "b" ? 3 : 0) + extra + chance.NextDouble() - 0.5;
        return new ShopRow(_start.AddHours(i), temp.ToString("R", CultureInfo.InvariantCulture), kind, extra,
            y.ToString("R", CultureInfo.InvariantCulture));
    }

    public PipelineDefinition Define(
        string use = "[temp, kind]", bool timed = true, string training = "trainers: [linear]", string more = "",
        string target = "numeric", string task = "regression", string temp = "numeric", string kind = "categorical") => PipelineReader.Parse(
        $$"""
        model: shop
        source: { path: shop.csv }
        target: y
        task: {{task}}
        {{(timed ? "time: at" : "")}}
        columns: { at: timestamp, temp: {{temp}}, kind: {{kind}}, extra: numeric, y: {{target}} }
        {{(use.StartsWith('[') ? $"features: {{ use: {use} }}" : use)}}
        training: { {{training}} }
        {{more}}
        """, _folder.Path);

    public Task<RunOutcome> RunAsync(PipelineDefinition definition, IProgress<LoopEvent>? progress = null) =>
        Runner.RunAsync(definition, RunRequest.Manual, progress, CancellationToken.None);

    public IReadOnlyList<LedgerEntry> Ledger(LedgerKind kind) => Workspace.Ledger.List(Model, kind);

    public int? Champion => Alias(Tracking.ModelAliases.Champion);

    public int? Alias(string alias) => Workspace.Registry.GetByAlias(Model, alias)?.Version;

    public Task SaveAsync(PipelineDefinition definition) =>
        File.WriteAllTextAsync(_folder.File(PipelineReader.FileName), definition.Text);

    /// <summary>The real server of this workspace on a free port.</summary>
    public async Task<WebApplication> ServeAsync(bool loop = false)
    {
        var server = GyreHost.Build(new GyreHostOptions
        {
            Workspace = _folder.Path, Urls = "http://127.0.0.1:0", Time = Time, Loop = loop,
            Serving = new Serving.ServingOptions { StrictPredictionLog = true, TrafficInterval = TimeSpan.FromMilliseconds(20) },
        });
        await server.StartAsync();
        using var client = new HttpClient { BaseAddress = new Uri(server.Urls.First()) };
        if (Champion is not null)
            await Eventually.HoldsAsync(() => client.GetAsync(new Uri("v2/models/shop/ready", UriKind.Relative)));
        return server;
    }

    public void Dispose()
    {
        Workspace.Dispose();
        _folder.Dispose();
    }
}

/// <summary>One row of the source, as texts.</summary>
internal sealed record ShopRow(DateTimeOffset At, string Temp, string Kind, double Extra, string Y)
{
    public string Line => string.Create(CultureInfo.InvariantCulture, $"{At:yyyy-MM-dd HH:mm:ss},{Temp},{Kind},{Extra:R},{Y}");
}
