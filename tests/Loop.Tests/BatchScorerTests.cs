using System.Globalization;
using Gyre.Data;
using Gyre.Fixtures;
using Gyre.Loop.BatchScoring;
using Gyre.Models;
using Gyre.Primitives;
using Gyre.Tabular;

namespace Gyre.Loop.Tests;

public sealed class BatchScorerTests : IAsyncLifetime
{
    private const int Rows = 40_000; // several units
    private readonly ShopWorkspace _shop = new();

    public async Task InitializeAsync() => await _shop.RunAsync(_shop.Define());

    public Task DisposeAsync()
    {
        _shop.Dispose();
        return Task.CompletedTask;
    }

    [Theory]
    [InlineData("out.parquet", 1)]
    [InlineData("out.csv", 3)]
    [InlineData("out.jsonl.gz", 2)]
    public async Task Run_EveryFormat_GivesWhatTheModelSaysInTheFilesOrder(string name, int threads)
    {
        var file = Write(Rows);

        var result = await RunAsync(new BatchRequest("shop", [file], Path(name)) { Keep = ["id"], Threads = threads });

        Assert.Equal((Rows, Rows, 0L, 0L), (result.Rows, result.Written, result.Refused, result.Resumed));
        Assert.Equal(Expected(file), Answers(Path(name)));
        Assert.False(Directory.Exists(Path(name) + BatchScorer.PartsSuffix));
        Assert.False(File.Exists(Path(name) + BatchScorer.RefusedSuffix));
    }

    [Fact]
    public async Task Run_StoppedAtEveryPart_GoesOnToTheSameRows()
    {
        var file = Write(Rows);
        var request = new BatchRequest("shop", [file], Path("out.parquet")) { Keep = ["id"] };
        var stops = 0;
        for (var before = -1L; ;)
        {
            using var stop = new CancellationTokenSource();
            try
            {
                var result = await new BatchScorer(Leaping()).RunAsync(request, new Listener(e =>
                {
                    if (e is RowsScored rows && rows.Rows > before && rows.Rows < Rows)
                    {
                        before = rows.Rows;
                        stop.Cancel();
                    }
                }), stop.Token);
                // What was told to be safe, and what was gathered while the last part was on its way to the device.
                Assert.InRange(result.Resumed, before, Rows);
                break;
            }
            catch (OperationCanceledException)
            {
                stops++;
                Assert.False(File.Exists(request.Output));
            }
        }

        Assert.InRange(stops, 2, 10);
        Assert.Equal(Expected(file), Answers(request.Output));
    }

    [Fact]
    public async Task Run_FileChangedSinceItStopped_StartsAnewAndSaysSo()
    {
        var request = new BatchRequest("shop", [Write(Rows)], Path("out.parquet")) { Keep = ["id"] };
        await StopAsync(request);
        Write(Rows - 1);
        var remarks = new List<string>();

        var result = await RunAsync(request, remarks);

        Assert.Equal((Rows - 1, 0L), (result.Rows, result.Resumed));
        Assert.Contains(remarks, r => r.Contains("new.csv has changed; starting anew", StringComparison.Ordinal));
        Assert.Equal(Expected(request.Files[0]), Answers(request.Output));
    }

    [Fact]
    public async Task Run_ModelChangedSinceItStopped_StartsAnewAndSaysSo()
    {
        var request = new BatchRequest("shop", [Write(Rows)], Path("out.parquet")) { Keep = ["id"] };
        await StopAsync(request);
        var second = await _shop.RunAsync(_shop.Define(use: "[temp, kind, extra]"));
        await _shop.Workspace.Registry.SetAliasAsync(
            "shop", Tracking.ModelAliases.Champion, second.Version!.Value, "test", CancellationToken.None); // it was registered
        var remarks = new List<string>();

        var result = await RunAsync(request, remarks);

        Assert.Equal((2, 0L), (result.Version, result.Resumed));
        Assert.Contains(remarks, r => r.Contains("the model was shop version 1, now it is shop version 2", StringComparison.Ordinal));
        Assert.Equal(Expected(request.Files[0]), Answers(request.Output));
    }

    [Theory]
    [InlineData(RefusedRows.Skip)]
    [InlineData(RefusedRows.Null)]
    public async Task Run_RowsThatBreakTheSchema_AreReportedAndTheOthersScored(RefusedRows onError)
    {
        int[] bad = [0, 9000, 9001, Rows - 1];
        var file = Write(Rows, bad);
        var request = new BatchRequest("shop", [file], Path("out.parquet")) { Keep = ["id"], OnError = onError };

        var result = await RunAsync(request);

        Assert.Equal(bad.Length, result.Refused);
        Assert.Equal(
            bad.Select(i => $"{i + 1},column 'temp': 'warm' is not numeric").Prepend("row,reason"),
            (await File.ReadAllLinesAsync(result.RefusedFile!)).Select(l => l.Replace("\"", "", StringComparison.Ordinal)));
        var good = Write(Rows);
        var expected = Expected(good).Select(a => bad.Contains(a.Id) ? a with { Prediction = null } : a);
        if (onError == RefusedRows.Skip) expected = expected.Where(a => a.Prediction is not null);
        Assert.Equal(expected, Answers(request.Output));
    }

    [Fact]
    public async Task Run_ABadRowStopsIt_SkippingGoesOnFromThere()
    {
        var file = Write(Rows, 20_000);
        var request = new BatchRequest("shop", [file], Path("out.parquet")) { Keep = ["id"] };

        var error = await Assert.ThrowsAsync<GyreException>(() => RunAsync(request));
        var result = await RunAsync(request with { OnError = RefusedRows.Skip });

        Assert.True(error.IsUserError);
        Assert.Contains("row 20001: column 'temp': 'warm' is not numeric", error.Message, StringComparison.Ordinal);
        Assert.InRange(result.Resumed, 8192, 20_000);
        Assert.Equal((Rows - 1, 1L), (result.Written, result.Refused));
    }

    [Fact]
    public async Task Run_WhileAnotherWritesTheSame_IsRefused()
    {
        var request = new BatchRequest("shop", [Write(Rows)], Path("out.parquet"));
        GyreException? second = null;

        await new BatchScorer(Leaping()).RunAsync(request, new Listener(e =>
        {
            if (e is RowsScored && second is null)
                second = Assert.Throws<GyreException>(() => RunAsync(request).GetAwaiter().GetResult());
        }), CancellationToken.None);

        Assert.Equal(ErrorCode.Conflict, second?.Code);
        Assert.Contains("another run writes this output", second?.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("out.txt", "id", "shop", "must end in .parquet, .csv or .jsonl")]
    [InlineData("out.csv", "nothing", "shop", "there is no column 'nothing'")]
    [InlineData("out.csv", "id,id", "shop", "column 'id' is to be kept twice")]
    [InlineData("out.csv", "prediction", "shop", "column 'prediction' cannot be kept")]
    [InlineData("out.csv", "id", "shop/9", "shop")]
    [InlineData("out.csv", "id", "shop/latest", "is not the number of a version")]
    [InlineData("new.csv", "id", "shop", "the output is one of the files to be read")]
    public async Task Run_WrongRequest_SaysWhatAndLeavesNothing(string name, string keep, string model, string cause)
    {
        var file = Write(10);

        var error = await Assert.ThrowsAsync<GyreException>(() => RunAsync(new BatchRequest(model, [file], Path(name)) { Keep = [.. keep.Split(',')] }));

        Assert.True(error.IsUserError);
        Assert.Contains(cause, error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(_shop.Workspace.Folder, "out.*"));
    }

    [Fact]
    public async Task Stream_WritesCsvAsItGoes()
    {
        var file = Write(Rows, 5);
        using var output = new MemoryStream();
        var remarks = new List<string>();

        var result = await new BatchScorer(_shop.Workspace).StreamAsync(
            new BatchRequest("shop@champion", [file], "-") { Keep = ["id"], OnError = RefusedRows.Skip }, output,
            new Listener(e => remarks.Add(((Remark)e).Message)), CancellationToken.None);

        await File.WriteAllBytesAsync(Path("streamed.csv"), output.ToArray());
        Assert.Equal(Rows - 1, result.Written);
        Assert.Equal("row 6: column 'temp': 'warm' is not numeric", Assert.Single(remarks));
        Write(Rows);
        Assert.Equal(Expected(file).Where(a => a.Id != 5), Answers(Path("streamed.csv")));
    }

    private Task<BatchResult> RunAsync(BatchRequest request, List<string>? remarks = null) =>
        new BatchScorer(_shop.Workspace).RunAsync(request, new Listener(e =>
        {
            if (e is Remark remark) remarks?.Add(remark.Message);
        }), CancellationToken.None);

    private async Task StopAsync(BatchRequest request)
    {
        using var stop = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new BatchScorer(Leaping()).RunAsync(
            request, new Listener(e => { if (e is RowsScored) stop.Cancel(); }), stop.Token));
        Assert.True(Directory.Exists(request.Output + BatchScorer.PartsSuffix));
    }

    private string Path(string name) => System.IO.Path.Combine(_shop.Workspace.Folder, name);

    private string Write(int rows, params int[] bad)
    {
        File.WriteAllLines(Path("new.csv"), Enumerable.Range(0, rows).Select(i =>
        {
            var row = ShopWorkspace.Row(i);
            return string.Create(CultureInfo.InvariantCulture, $"{i},{(bad.Contains(i) ? "warm" : row.Temp)},{row.Kind},{row.Extra:R},x");
        }).Prepend("id,temp,kind,extra,prediction"));
        return Path("new.csv");
    }

    private List<Answer> Expected(string file)
    {
        var version = _shop.Workspace.Registry.GetByAlias("shop", Tracking.ModelAliases.Champion)!; // it was promoted
        using var scorer = ModelScorer.Load(version.Folder);
        var schema = new Schema([.. scorer.Inputs, new ColumnDefinition("id", ColumnType.Integer)]);
        var rows = SourceReader.ReadAs(new SourceDefinition([file]), schema, CancellationToken.None);
        var scores = scorer.Score(rows).Outputs;
        return [.. Enumerable.Range(0, rows.RowCount).Select(i => new Answer((int)(long)rows["id"].ValueAt(i)!, scores.Span[i]))];
    }

    private static List<Answer> Answers(string file)
    {
        var schema = new Schema([new ColumnDefinition("id", ColumnType.Integer), new ColumnDefinition("prediction", ColumnType.Numeric)]);
        var rows = SourceReader.ReadAs(new SourceDefinition([file]), schema, CancellationToken.None);
        return [.. Enumerable.Range(0, rows.RowCount).Select(i => new Answer(
            (int)(long)rows["id"].ValueAt(i)!, rows["prediction"].ValueAt(i) is double value ? (float)value : null))];
    }

    /// <summary>The same workspace under a clock by which every unit takes long enough to be a part.</summary>
    private Workspace Leaping() => new(_shop.Workspace.Folder, _shop.Workspace.Database, new LeapingTime());

    private readonly record struct Answer(int Id, float? Prediction);

    private sealed class LeapingTime : TimeProvider
    {
        private long _now;

        public override long GetTimestamp() => Interlocked.Add(ref _now, 2 * TimestampFrequency);
    }

    private sealed class Listener(Action<LoopEvent> listen) : IProgress<LoopEvent>
    {
        public void Report(LoopEvent value) => listen(value);
    }
}
