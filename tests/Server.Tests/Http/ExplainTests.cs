using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gyre.Data;
using Gyre.Fixtures;
using Gyre.Serving;
using Gyre.Serving.Slots;
using Gyre.Serving.Traffic;
using Gyre.Tabular;
using Gyre.Tracking;
using Microsoft.Extensions.DependencyInjection;

namespace Gyre.Server.Tests.Http;

/// <summary>Explanations over HTTP, of real models of real data, on the real host.</summary>
public sealed class ExplainTests : IDisposable
{
    private const string BikeSql = "SELECT hr, temp, hum, windspeed, workingday, season, cnt FROM ";

    private readonly TemporaryFolder _packages = new();

    public void Dispose() => _packages.Dispose();

    [SharedDataFact("adult/adult.csv.gz")]
    public async Task Explain_Adult_AddsUpToTheServedProbabilities()
    {
        await using var host = await HostFixture.StartAsync();
        var table = Query("SELECT * REPLACE (nullif(workclass, 'Local-gov') AS workclass) FROM "
            + $"read_csv('{TestData.Shared("adult/adult.csv.gz")}') LIMIT 4000");
        await RegisterAsync(host, "adult", table, "income", TaskKind.Binary);
        var rows = Json(table.Without("income"), 150);
        rows[0]!["workclass"] = null;
        rows[1]!["occupation"] = "Astronaut"; // no training row had it

        var explained = await PostAsync(host, "/explain/adult", rows);
        var predicted = await PostAsync(host, "/predict/adult", rows);

        Assert.Equal("log-odds of income = >50K", explained.GetProperty("unit").GetString());
        Assert.Equal("logit", explained.GetProperty("link").GetString());
        var start = explained.GetProperty("baseValue").GetDouble();
        var explanations = explained.GetProperty("explanations").EnumerateArray().ToArray();
        var predictions = predicted.GetProperty("predictions").EnumerateArray().ToArray();
        Assert.Equal(150, explanations.Length);
        for (var i = 0; i < explanations.Length; i++)
        {
            var (score, sum) = (explanations[i].GetProperty("score").GetDouble(), start + Sum(explanations[i]));
            Assert.Equal(sum, score, 1e-9);
            var probability = predictions[i].GetProperty("probabilities").GetProperty(">50K").GetDouble();
            Assert.Equal(probability, 1 / (1 + Math.Exp(-score)), 1e-6);
            Assert.Equal(predictions[i].GetRawText(), explanations[i].GetProperty("prediction").GetRawText());
        }

        var names = explanations[0].GetProperty("contributions").EnumerateObject().Select(p => p.Name);
        Assert.Equal(table.Schema.Select(c => c.Name).Where(n => n != "income"), names);
    }

    [SharedDataFact("penguins/penguins.csv.gz")]
    public async Task Explain_Penguins_AddsUpForEveryClass()
    {
        await using var host = await HostFixture.StartAsync();
        var table = Query($"SELECT * FROM read_csv('{TestData.Shared("penguins/penguins.csv.gz")}', nullstr='NA')");
        await RegisterAsync(host, "penguins", table, "species", TaskKind.Multiclass);

        var explained = await PostAsync(host, "/explain/penguins", Json(table.Without("species"), table.RowCount));

        Assert.Equal("softmax", explained.GetProperty("link").GetString());
        var classes = explained.GetProperty("baseValue").EnumerateObject().Select(p => p.Name).ToArray();
        Assert.Equal(3, classes.Length);
        foreach (var row in explained.GetProperty("explanations").EnumerateArray())
        {
            var scores = classes.Select(name => row.GetProperty("score").GetProperty(name).GetDouble()).ToArray();
            var shares = row.GetProperty("prediction").GetProperty("probabilities");
            for (var k = 0; k < classes.Length; k++)
            {
                var own = row.GetProperty("contributions").GetProperty(classes[k]);
                var start = explained.GetProperty("baseValue").GetProperty(classes[k]).GetDouble();
                Assert.Equal(start + own.EnumerateObject().Sum(p => p.Value.GetDouble()), scores[k], 1e-9);
                Assert.Equal(shares.GetProperty(classes[k]).GetDouble(), Math.Exp(scores[k]) / scores.Sum(Math.Exp), 1e-6);
            }
        }
    }

    [Fact]
    public async Task Explain_Bike_EveryProtocolSaysTheSame()
    {
        await using var host = await HostFixture.StartAsync();
        var table = Query($"{BikeSql}read_csv('{TestData.Shipped("bike_hourly.csv.gz")}')");
        await RegisterAsync(host, "rides", table, "cnt", TaskKind.Regression);
        var rows = Json(table.Without("cnt"), 3);

        var own = await PostAsync(host, "/explain/rides", rows);
        var kserve = await PostAsync(host, "/v1/models/rides:explain", rows, "instances");
        var tensors = await SendAsync(host, "/v2/models/rides/versions/1/explain", Tensors(table, 3, """ "id": "7", """));

        Assert.Equal("cnt", own.GetProperty("unit").GetString());
        Assert.Equal("7", tensors.GetProperty("id").GetString());
        Assert.Equal("cnt", tensors.GetProperty("parameters").GetProperty("unit").GetString());
        var outputs = tensors.GetProperty("outputs").EnumerateArray().ToDictionary(o => o.GetProperty("name").GetString() ?? "");
        Assert.Equal("[3,1,6]", outputs["contributions"].GetProperty("shape").GetRawText());
        var columns = outputs["columns"].GetProperty("data").EnumerateArray().Select(c => c.GetString() ?? "").ToArray();
        var numbers = outputs["contributions"].GetProperty("data").EnumerateArray().Select(v => v.GetDouble()).ToArray();
        var served = outputs["prediction"].GetProperty("data");
        for (var i = 0; i < 3; i++)
        {
            var row = own.GetProperty("explanations")[i];
            Assert.Equal(row.GetProperty("prediction").GetDouble(), row.GetProperty("score").GetDouble(), 1e-3);
            Assert.Equal(served[i].GetDouble(), row.GetProperty("prediction").GetDouble());
            Assert.Equal(kserve.GetProperty("predictions")[i].GetDouble(), row.GetProperty("prediction").GetDouble());
            var contributions = row.GetProperty("contributions");
            Assert.Equal(contributions.GetRawText(), kserve.GetProperty("explanations")[i].GetProperty("contributions").GetRawText());
            for (var c = 0; c < columns.Length; c++)
                Assert.Equal(contributions.GetProperty(columns[c]).GetDouble(), numbers[(i * columns.Length) + c]);
            Assert.Equal(outputs["scores"].GetProperty("data")[i].GetDouble(), row.GetProperty("score").GetDouble());
        }
    }

    [Fact]
    public async Task Explain_IsLoadedWithItsFirstRequestAndLeavesNoRecord()
    {
        await using var host = await HostFixture.StartAsync();
        var table = Query($"{BikeSql}read_csv('{TestData.Shipped("bike_hourly.csv.gz")}')");
        await RegisterAsync(host, "rides", table, "cnt", TaskKind.Regression);
        var slots = host.App.Services.GetRequiredService<ModelSlots>();
        await PostAsync(host, "/predict/rides", Json(table.Without("cnt"), 1));
        var before = slots.LoadedBytes;

        await PostAsync(host, "/explain/rides", Json(table.Without("cnt"), 2));

        Assert.True(slots.LoadedBytes > before + (1 << 20), "what explains the model is counted with it");
        slots.Withdraw("rides");
        Assert.True(slots.LoadedBytes < before, "and goes with it");
        await host.App.StopAsync(); // the log is drained
        using var connection = host.App.Services.GetRequiredService<TrackingDatabase>().OpenConnection();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT COUNT(*) FROM gyre_predictions WHERE model = 'rides'";
        Assert.Equal(1L, command.ExecuteScalar());
    }

    [Fact]
    public async Task Explain_UnderACanary_ExplainsTheVersionThatWouldAnswer()
    {
        await using var host = await HostFixture.StartAsync();
        var table = Query($"{BikeSql}read_csv('{TestData.Shipped("bike_hourly.csv.gz")}')");
        await RegisterAsync(host, "rides", table, "cnt", TaskKind.Regression);
        await ExplainedPackage.RegisterAsync(
            host, _packages.File("second"), "rides", table, "cnt", TaskKind.Regression, rounds: 15);
        var services = host.App.Services;
        await services.GetRequiredService<ModelRegistry>().SetAliasAsync("rides", ModelAliases.Champion, 1);
        await services.GetRequiredService<ChampionFollower>().RefreshAsync(CancellationToken.None);
        var (set, _, _) = await host.SendAsync(HttpMethod.Put, "/api/gyre/traffic/rides",
            """{"policy":"canary","challenger":2,"steps":[50,100],"minDuration":"1h"}""");
        Assert.Equal(HttpStatusCode.OK, set);
        await services.GetRequiredService<TrafficFollower>().RefreshAsync(CancellationToken.None); // or within a second

        var versions = new HashSet<int>();
        for (var key = 0; key < 24; key++)
        {
            host.Client.DefaultRequestHeaders.Remove("X-Gyre-Key");
            host.Client.DefaultRequestHeaders.Add("X-Gyre-Key", $"user {key}");
            var predicted = await PostAsync(host, "/predict/rides", Json(table.Without("cnt"), 1));
            var explained = await PostAsync(host, "/explain/rides", Json(table.Without("cnt"), 1));
            versions.Add(predicted.GetProperty("version").GetInt32());
            Assert.Equal(predicted.GetProperty("version").GetInt32(), explained.GetProperty("version").GetInt32());
            Assert.Equal(predicted.GetProperty("predictions")[0].GetDouble(),
                explained.GetProperty("explanations")[0].GetProperty("prediction").GetDouble());
        }

        Assert.Equal([1, 2], versions.Order());
    }

    [Fact]
    public async Task Explain_VersionWithoutTheFile_SaysWhy()
    {
        await using var host = await HostFixture.StartAsync(); // its model 'bike' is a bare graph of an older program

        foreach (var (path, body) in new[]
        {
            ("/explain/bike", $$"""{"rows":[{{BikePackage.Row}}]}"""),
            ("/v1/models/bike:explain", $$"""{"instances":[{{BikePackage.Row}}]}"""),
            ("/v2/models/bike/explain", """{"inputs":[]}"""),
        })
        {
            var (status, _, answer) = await host.SendAsync(HttpMethod.Post, path, body);
            Assert.Equal(HttpStatusCode.NotFound, status);
            Assert.Contains("This version has no explanation", answer.GetRawText(), StringComparison.Ordinal);
            Assert.Equal(path[1] == 'v', answer.TryGetProperty("error", out _));
        }
    }

    [Fact]
    public async Task Explain_BadRequest_IsRefusedAsAPredictionIs()
    {
        await using var host = await HostFixture.StartAsync(new ServingOptions { MaximumExplainedRows = 2 });
        var table = Query($"{BikeSql}read_csv('{TestData.Shipped("bike_hourly.csv.gz")}')");
        await RegisterAsync(host, "rides", table, "cnt", TaskKind.Regression);
        var row = """{"hr":8,"temp":0.3,"hum":0.6,"windspeed":0.1,"workingday":1,"season":1}""";
        foreach (var (path, body, status, cause) in new[]
        {
            ("/explain/rides", $$"""{"rows":[{{row}},{{row}},{{row}}]}""", HttpStatusCode.BadRequest, "at most 2"),
            ("/explain/rides", """{"rows":[{"hr":8}]}""", HttpStatusCode.BadRequest, "temp"),
            ("/explain/rides", """{"rows":[]}""", HttpStatusCode.BadRequest, "empty"),
            ("/explain/rides", "{", HttpStatusCode.BadRequest, ""),
            ("/v1/models/rides:explain", """{"rows":[]}""", HttpStatusCode.BadRequest, "instances"),
            ("/v2/models/rides/explain", """{"inputs":[{"name":"hr","shape":[2],"datatype":"INT64","data":[1]}]}""",
                HttpStatusCode.BadRequest, "hr"),
            ("/v2/models/rides/versions/9/explain", Tensors(table, 1, ""), HttpStatusCode.NotFound, "9"),
            ("/explain/nothing", $$"""{"rows":[{{row}}]}""", HttpStatusCode.NotFound, "nothing"),
        })
        {
            var (got, _, answer) = await host.SendAsync(HttpMethod.Post, path, body);
            Assert.Equal(status, got);
            Assert.Contains(cause, answer.GetRawText(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Explain_PolicyByColumn_ExplainsTheVersionThatPredicts()
    {
        await using var host = await HostFixture.StartAsync();
        var table = Query($"{BikeSql}read_csv('{TestData.Shipped("bike_hourly.csv.gz")}') LIMIT 500");
        foreach (var folder in new[] { "first", "second" })
        {
            await ExplainedPackage.RegisterAsync(
                host, _packages.File(folder), "rides", table, "cnt", TaskKind.Regression);
        }

        var (set, _, _) = await host.SendAsync(HttpMethod.Put, "/api/gyre/traffic/rides", """
            {"policy":"ab","key":"column:hr","arms":[{"name":"a","version":1},{"name":"b","version":2}]}
            """);
        Assert.Equal(HttpStatusCode.OK, set);
        // Until the server follows, the champion answers all 24 keys.
        await Eventually.HoldsAsync(async () => (await VersionsAsync("/predict/rides")).Distinct().Count() == 2);
        Assert.Equal(await VersionsAsync("/predict/rides"), await VersionsAsync("/explain/rides"));

        async Task<List<int>> VersionsAsync(string path)
        {
            var versions = new List<int>();
            for (var hour = 0; hour < 24; hour++)
            {
                var rows = Json(table.Without("cnt"), 1);
                rows[0]!["hr"] = hour; // there is one row
                versions.Add((await PostAsync(host, path, rows)).GetProperty("version").GetInt32());
            }

            return versions;
        }
    }

    private static Table Query(string sql)
    {
        using var engine = new SqlEngine();
        return engine.Query(sql);
    }

    private Task RegisterAsync(HostFixture host, string name, Table table, string target, TaskKind task) =>
        ExplainedPackage.RegisterAsync(host, _packages.File(name), name, table, target, task);

    private static double Sum(JsonElement explanation) =>
        explanation.GetProperty("contributions").EnumerateObject().Sum(p => p.Value.GetDouble());

    private static JsonArray Json(Table table, int rows) => new([.. Enumerable.Range(0, rows).Select(row =>
        (JsonNode)new JsonObject(table.Columns.Select(column => KeyValuePair.Create(column.Name, Value(column, row)))))]);

    private static JsonNode? Value(Column column, int row) => column.IsMissing(row) ? null : column.ValueAt(row) switch
    {
        double number => JsonValue.Create(number),
        long whole => JsonValue.Create(whole),
        bool truth => JsonValue.Create(truth),
        var text => JsonValue.Create(Convert.ToString(text, CultureInfo.InvariantCulture)),
    };

    // Every column of the bike table is a number.
    private static string Tensors(Table table, int rows, string more) => $$"""{ {{more}} "inputs": [{{string.Join(", ",
        table.Without("cnt").Columns.Select(column => new JsonObject
        {
            ["name"] = column.Name, ["shape"] = new JsonArray(rows), ["datatype"] = column is Column<long> ? "INT64" : "FP64",
            ["data"] = new JsonArray([.. Enumerable.Range(0, rows).Select(row => Value(column, row))]),
        }.ToJsonString()))}}]}""";

    private static Task<JsonElement> PostAsync(HostFixture host, string path, JsonArray rows, string name = "rows") =>
        SendAsync(host, path, new JsonObject { [name] = rows.DeepClone() }.ToJsonString());

    private static async Task<JsonElement> SendAsync(HostFixture host, string path, string body)
    {
        var (status, _, answer) = await host.SendAsync(HttpMethod.Post, path, body);
        Assert.True(status == HttpStatusCode.OK, answer.GetRawText());
        return answer;
    }
}
