using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Google.Protobuf;
using Gyre.Serving.Tests.Grpc;

namespace Gyre.Serving.Tests.Traffic;

/// <summary>Requests whose key is the value of an input column, over every protocol.</summary>
public sealed class ColumnKeyTests
{
    private const string Test = """
        {"policy":"ab","key":"column:weather","arms":[{"name":"old","version":1},{"name":"new","version":2}]}
        """;

    [Fact]
    public async Task Ab_ByColumn_SameKeySameVersionOverEveryProtocol()
    {
        await using var traffic = await StartAsync();
        await traffic.SetAsync(Test);
        using var grpc = new GrpcClient(traffic.Serving.GrpcAddress);

        var seen = new HashSet<string>();
        for (var i = 0; i < 40; i++)
        {
            var key = $"user-{i}";
            var version = await PredictAsync(traffic, key);
            seen.Add(version);
            Assert.Equal(version, await PredictAsync(traffic, key));
            Assert.Equal(version, await InferAsync(traffic, key));
            Assert.Equal(version, await InvokeAsync(traffic, key, csv: false));
            Assert.Equal(version, await InvokeAsync(traffic, key, csv: true));
            Assert.Equal(version, await CallAsync(grpc, key));
        }

        Assert.Equal(2, seen.Count); // 40 keys on one side: once in 10¹²
        var arms = (await LookedAtAsync(traffic)).GetProperty("arms");
        Assert.Equal(40 * 6, arms[0].GetProperty("requests").GetInt32() + arms[1].GetProperty("requests").GetInt32());
    }

    [Fact]
    public async Task Ab_ByColumn_HeaderIsNotAskedAndTheFirstRowWithAValueDecides()
    {
        await using var traffic = await StartAsync();
        await traffic.SetAsync(Test);
        for (var i = 0; i < 20; i++)
        {
            var key = $"user-{i}";
            var version = await PredictAsync(traffic, key);
            Assert.Equal(version, await PredictAsync(traffic, key, header: "another"));
            Assert.Equal(version, await PredictAsync(traffic, null, key, "someone else"));
        }
    }

    [Fact]
    public async Task Ab_ByColumn_RequestsWithoutAValueAreDealtAtRandom()
    {
        await using var traffic = await StartAsync();
        await traffic.SetAsync(Test);
        var versions = new HashSet<string>();
        for (var i = 0; i < 60; i++) versions.Add(await PredictAsync(traffic, [null]));
        Assert.Equal(2, versions.Count); // one side alone: once in 10¹⁷
    }

    [Fact]
    public async Task Ab_ByColumn_MalformedRequestIsRefusedOnce()
    {
        await using var traffic = await StartAsync();
        await traffic.SetAsync(Test);
        var (status, body) = await traffic.Serving.PostAsync("/predict/m", """{"rows":[{"weather":"x"}]}""");
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains("temp", body.GetProperty("error").GetString(), StringComparison.Ordinal);
        using var grpc = new GrpcClient(traffic.Serving.GrpcAddress);
        var call = InferRequests.Typed();
        call.Inputs.RemoveAt(0);
        Assert.Equal(3, (await grpc.CallAsync(GrpcClient.Service + "ModelInfer", call)).Status); // INVALID_ARGUMENT
        var arms = (await LookedAtAsync(traffic)).GetProperty("arms");
        Assert.Equal((2, 2), (arms[0].GetProperty("refused").GetInt32(), arms[0].GetProperty("requests").GetInt32()));
    }

    [Fact]
    public async Task Canary_ByColumn_WhoWasInASmallerShareStays()
    {
        await using var traffic = await StartAsync();
        const string policy = """
            {"policy":"canary","challenger":2,"key":"column:weather","steps":[STEP,100],"minDuration":"1h"}
            """;
        var keys = Enumerable.Range(0, 60).Select(i => $"user-{i}").ToList();
        await traffic.SetAsync(policy.Replace("STEP", "30", StringComparison.Ordinal));
        var first = await VersionsAsync(traffic, keys);
        Assert.Contains("2", first.Values);
        await traffic.SetAsync(policy.Replace("STEP", "60", StringComparison.Ordinal));
        var second = await VersionsAsync(traffic, keys);
        Assert.All(keys.Where(key => first[key] == "2"), key => Assert.Equal("2", second[key]));
        Assert.True(second.Values.Count(v => v == "2") > first.Values.Count(v => v == "2"));
    }

    [Fact]
    public async Task Policy_OfAColumnThatTheChampionHasNot_IsEndedWithTheReason()
    {
        await using var traffic = await StartAsync();
        await traffic.SetAsync(Test.Replace("weather", "customer", StringComparison.Ordinal));
        Assert.Equal("1", await PredictAsync(traffic, "a"));
        var shown = await LookedAtAsync(traffic);
        Assert.Equal("rolled-back", shown.GetProperty("status").GetString());
        Assert.EndsWith("version 1 has no input column 'customer' to take keys from",
            shown.GetProperty("reason").GetString(), StringComparison.Ordinal);
    }

    private static async Task<TrafficFixture> StartAsync()
    {
        var traffic = await TrafficFixture.StartAsync();
        await traffic.RegisterAsync(new FakeScorer { Offset = 100 });
        return traffic;
    }

    private static async Task<JsonElement> LookedAtAsync(TrafficFixture traffic)
    {
        await traffic.LookAsync();
        return await traffic.ShowAsync();
    }

    private static async Task<Dictionary<string, string>> VersionsAsync(TrafficFixture traffic, List<string> keys)
    {
        var versions = new Dictionary<string, string>();
        foreach (var key in keys) versions[key] = await PredictAsync(traffic, key);
        return versions;
    }

    private static Task<string> PredictAsync(TrafficFixture traffic, string key, string? header = null) =>
        PredictAsync(traffic, [key], header);

    private static Task<string> PredictAsync(TrafficFixture traffic, params string?[] keys) =>
        PredictAsync(traffic, keys, null);

    private static async Task<string> PredictAsync(TrafficFixture traffic, string?[] keys, string? header)
    {
        var rows = keys.Select(key =>
            $$"""{"temp":10.5,"hour":3,"holiday":false,"weather":{{JsonSerializer.Serialize(key)}},"at":null}""");
        using var content = new StringContent($$"""{"rows":[{{string.Join(',', rows)}}]}""", Encoding.UTF8, "application/json");
        if (header is not null) content.Headers.Add("X-Gyre-Key", header);
        var (status, body) = await traffic.Serving.PostAsync("/predict/m", content);
        Assert.True(status is HttpStatusCode.OK, body.ToString());
        return body.GetProperty("version").GetInt32().ToString(CultureInfo.InvariantCulture);
    }

    private static async Task<string> InferAsync(TrafficFixture traffic, string key)
    {
        var (status, body) = await traffic.Serving.PostAsync("/v2/models/m/infer", $$"""
            {"inputs":[{"name":"temp","shape":[1],"datatype":"FP64","data":[10.5]},
            {"name":"hour","shape":[1],"datatype":"INT64","data":[3]},
            {"name":"holiday","shape":[1],"datatype":"BOOL","data":[false]},
            {"name":"weather","shape":[1],"datatype":"BYTES","data":["{{key}}"]},
            {"name":"at","shape":[1],"datatype":"INT64","data":[0]}]}
            """);
        Assert.True(status is HttpStatusCode.OK, body.ToString());
        return body.GetProperty("model_version").GetString()!; // every answer names it
    }

    // Its answer names no version: the challenger's predictions are greater by 100.
    private static async Task<string> InvokeAsync(TrafficFixture traffic, string key, bool csv)
    {
        using var content = csv
            ? new StringContent($"temp,hour,holiday,weather,at\n10.5,3,false,{key},2012-01-01T00:00:00Z\n", Encoding.UTF8, "text/csv")
            : new StringContent($$"""
                {"dataframe_records":[{"temp":10.5,"hour":3,"holiday":false,"weather":"{{key}}","at":0}]}
                """, Encoding.UTF8, "application/json");
        var (status, body) = await traffic.Serving.PostAsync("/invocations", content);
        Assert.True(status is HttpStatusCode.OK, body.ToString());
        return body.GetProperty("predictions")[0].GetDouble() > 100 ? "2" : "1";
    }

    private static async Task<string> CallAsync(GrpcClient grpc, string key)
    {
        var request = InferRequests.Typed();
        request.Inputs.Single(input => input.Name == "weather").Contents.BytesContents[0] = ByteString.CopyFromUtf8(key);
        return (await grpc.InferAsync(request)).ModelVersion;
    }
}
