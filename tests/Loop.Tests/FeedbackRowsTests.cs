using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Gyre.Loop.Tests;

/// <summary>Served rows through the real server and back into the training data.</summary>
public class FeedbackRowsTests
{
    [Fact]
    public async Task Run_TimeColumn_TakesServedRowsLaterThanTheSource()
    {
        using var shop = new ShopWorkspace();
        var definition = shop.Define("features: { use: [temp, kind], derive: { hour_of_day: 'hour(\"at\")' } }");
        await shop.RunAsync(definition);
        await ServeAsync(shop, Enumerable.Range(1195, 45).Select(i => Row(ShopWorkspace.Row(i), withTime: true)));

        Assert.Equal(1240, (await shop.RunAsync(definition)).Rows);
    }

    [Fact]
    public async Task Run_TimeColumnIsNoInput_ServedRowsCountAsOfTheirRequest()
    {
        using var shop = new ShopWorkspace();
        await shop.RunAsync(shop.Define());
        await ServeAsync(shop, Enumerable.Range(1200, 30).Select(i => Row(ShopWorkspace.Row(i), withTime: false)));

        Assert.Equal(1230, (await shop.RunAsync(shop.Define())).Rows);
    }

    [Fact]
    public async Task Run_FeedbackSwitchedOff_TakesTheSourceAlone()
    {
        using var shop = new ShopWorkspace();
        await shop.RunAsync(shop.Define());
        await ServeAsync(shop, [Row(ShopWorkspace.Row(1200), withTime: false)]);

        var definition = shop.Define();
        Assert.Equal(1200, (await shop.RunAsync(definition with { Source = definition.Source with { Feedback = false } })).Rows);
    }

    [Fact]
    public async Task Run_FeatureIsRedacted_TakesTheSourceAloneAndSaysSo()
    {
        using var shop = new ShopWorkspace();
        await shop.RunAsync(shop.Define());
        await ServeAsync(shop, [Row(ShopWorkspace.Row(1200), withTime: false)]);
        var remarks = new List<string>();

        var definition = shop.Define(more: "serving: { log: { redact: { kind: hash } } }");
        var outcome = await shop.RunAsync(definition, new Remarks(remarks));

        Assert.Equal(1200, outcome.Rows);
        Assert.Contains(remarks, remark => remark.Contains("does not keep kind", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Run_MissingValuesOfEveryType_FitTheirColumnsAgain()
    {
        using var shop = new ShopWorkspace();
        shop.Write(1200, (i, row) => row with
        {
            Temp = i % 9 == 0 ? "" : i % 2 == 0 ? "true" : "false", Kind = i % 11 == 0 ? "" : $"{i % 4}",
            Y = $"{(i % 2 * 5) + (i % 4)}",
        });
        var definition = shop.Define(
            "features: { use: [temp, kind], derive: { hour_of_day: 'hour(\"at\")' } }", timed: false, temp: "boolean", kind: "integer",
            more: "contract: { columns: { at: { type: fail }, temp: { type: fail }, kind: { type: fail }, y: { type: fail } } }");
        Assert.True((await shop.RunAsync(definition)).Promoted);
        await ServeAsync(shop,
        [
            new JsonObject { ["at"] = "2024-03-01T10:00:00Z", ["temp"] = true, ["kind"] = 3 },
            new JsonObject { ["at"] = null, ["temp"] = null, ["kind"] = null },
        ]);

        Assert.Equal(1202, (await shop.RunAsync(definition)).Rows);
    }

    /// <summary>Predicts the rows and feeds 5 back for each.</summary>
    private static async Task ServeAsync(ShopWorkspace shop, IEnumerable<JsonObject> rows)
    {
        await using var server = await shop.ServeAsync();
        using var client = new HttpClient { BaseAddress = new Uri(server.Urls.First()) };
        foreach (var row in rows)
        {
            using var answer = await client.PostAsJsonAsync("predict/shop", new JsonObject { ["rows"] = new JsonArray(row) });
            var text = await answer.Content.ReadAsStringAsync();
            Assert.True(answer.IsSuccessStatusCode, text);
            var id = JsonNode.Parse(text)!["predictionId"]!.GetValue<string>();
            using var accepted = await client.PostAsJsonAsync(
                "feedback/shop", new JsonArray(new JsonObject { ["predictionId"] = id, ["actual"] = 5 }));
            Assert.True(accepted.IsSuccessStatusCode, await accepted.Content.ReadAsStringAsync());
        }
    }

    private static JsonObject Row(ShopRow row, bool withTime)
    {
        var json = new JsonObject { ["temp"] = double.Parse(row.Temp), ["kind"] = row.Kind };
        if (withTime) json["at"] = $"{row.At:yyyy-MM-ddTHH:mm:ssZ}";
        return json;
    }

    private sealed class Remarks(List<string> messages) : IProgress<LoopEvent>
    {
        public void Report(LoopEvent value)
        {
            if (value is Remark remark) messages.Add(remark.Message);
        }
    }
}
