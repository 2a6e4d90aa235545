using System.Net;
using System.Text;
using System.Text.Json;
using Gyre.Fixtures;

namespace Gyre.Serving.Tests.Http;

/// <summary>What clients get wrong: every case is a 400 that names the column, is counted, and leaves the server serving.</summary>
public sealed class RejectedRequestTests
{
    private const string Predict = "/predict/m";
    private const string Infer = "/v2/models/m/infer";

    public static TheoryData<string, string, string?> Rows() => new()
    {
        { "bad-json", "", null },
        { "bad-json", "nonsense", null },
        { "bad-json", "null", null },
        { "bad-json", "[]", null },
        { "bad-json", "{}", null },
        { "bad-json", "{\"rows\":[", null },
        { "bad-json", "{\"rows\":[{\"temp\":1,", null },
        { "bad-json", "{\"rows\":{}}", null },
        { "bad-json", "{\"rows\":[1]}", null },
        { "bad-json", "{\"rows\":[null]}", null },
        { "bad-json", "{\"rows\":[[]]}", null },
        { "bad-json", "{\"row\":[]}", null },
        { "bad-json", $$"""{"rows":[{{FakeScorer.Row}}],"rows":[]}""", null },
        { "bad-json", $$"""{"rows":[{{FakeScorer.Row}}]} trailing""", null },
        { "bad-json", $$"""{"rows":[{{FakeScorer.Row}},]}""", null },
        { "bad-json", """{"rows":[{"temp":01}]}""", "temp" },
        { "bad-json", """{"rows":[{"temp":1,"hour":}]}""", "hour" },
        { "bad-json", """{"rows":[{"temp":1,"hour":1,"holiday":true,"weather":"\ud800","at":0}]}""", "weather" },
        { "bad-json", """{"rows":[{"\ud800":1}]}""", null },
        { "unknown-column", string.Concat(Enumerable.Repeat("{\"rows\":[", 1000)), "rows" },
        { "bad-json", "{\"rows\":" + new string('[', 100_000), null },
        { "no-rows", "{\"rows\":[]}", null },
        { "missing-column", "{\"rows\":[{}]}", "temp" },
        { "missing-column", """{"rows":[{"temp":1,"hour":1,"holiday":true,"at":0}]}""", "weather" },
        { "missing-column", $$"""{"rows":[{{FakeScorer.Row}},{"temp":1}]}""", "hour" },
        { "unknown-column", """{"rows":[{"temp":1,"humidity":1}]}""", "humidity" },
        { "unknown-column", """{"rows":[{"TEMP":1}]}""", "TEMP" },
        { "unknown-column", """{"rows":[{"":1}]}""", "" },
        { "duplicate-column", """{"rows":[{"temp":1,"temp":2}]}""", "temp" },
        { "missing-value", """{"rows":[{"temp":null}]}""", "temp" },
        { "not-finite", """{"rows":[{"temp":NaN}]}""", "temp" },
        { "not-finite", """{"rows":[{"temp":Infinity}]}""", "temp" },
        { "not-finite", """{"rows":[{"temp": -Infinity}]}""", "temp" },
        { "not-finite", """{"rows":[{"temp":"NaN"}]}""", "temp" },
        { "not-finite", """{"rows":[{"temp":"-inf"}]}""", "temp" },
        { "not-finite", """{"rows":[{"temp":1e999}]}""", "temp" },
        { "not-finite", """{"rows":[{"temp":1e300}]}""", "temp" },
        { "not-finite", """{"rows":[{"temp":1,"hour":NaN}]}""", "hour" },
        { "not-finite", """{"rows":[{"temp":3e38,"hour":1,"holiday":true,"weather":"x","at":0}]}""", null },
        { "wrong-type", """{"rows":[{"temp":"warm"}]}""", "temp" },
        { "wrong-type", """{"rows":[{"temp":"1"}]}""", "temp" },
        { "wrong-type", """{"rows":[{"temp":true}]}""", "temp" },
        { "wrong-type", """{"rows":[{"temp":[1]}]}""", "temp" },
        { "wrong-type", """{"rows":[{"temp":{"v":1}}]}""", "temp" },
        { "wrong-type", """{"rows":[{"temp":1,"hour":1.5}]}""", "hour" },
        { "wrong-type", """{"rows":[{"temp":1,"hour":9223372036854775808}]}""", "hour" },
        { "wrong-type", """{"rows":[{"temp":1,"hour":1,"holiday":"yes"}]}""", "holiday" },
        { "wrong-type", """{"rows":[{"temp":1,"hour":1,"holiday":2}]}""", "holiday" },
        { "wrong-type", """{"rows":[{"temp":1,"hour":1,"holiday":true,"weather":5}]}""", "weather" },
        { "wrong-type", """{"rows":[{"temp":1,"hour":1,"holiday":true,"weather":"x","at":"yesterday"}]}""", "at" },
        { "wrong-type", """{"rows":[{"temp":1,"hour":1,"holiday":true,"weather":"x","at":"2012-13-01"}]}""", "at" },
    };

    public static TheoryData<string, string, string?> Tensors()
    {
        var data = new TheoryData<string, string, string?>
        {
            { "bad-json", "{", null },
            { "bad-json", "{}", null },
            { "bad-json", """{"inputs":{}}""", null },
            { "bad-json", """{"inputs":[1]}""", null },
            { "bad-json", """{"inputs":[{}]}""", null },
            { "bad-json", """{"id":5,"inputs":[]}""", null },
            { "bad-json", """{"inputs":[{"name":5}]}""", null },
            { "bad-json", """{"inputs":[],"inputs":[]}""", null },
            { "bad-json", """{"inputs":[],"outputs":5}""", null },
            { "bad-json", """{"inputs":[],"outputs":[{"name":5}]}""", null },
            { "missing-column", """{"inputs":[]}""", "temp" },
            { "missing-column", Infer1("""{"name":"temp","shape":[1],"datatype":"FP64","data":[1]}"""), "hour" },
            { "unknown-column", Infer1("""{"name":"x","shape":[1],"datatype":"FP64","data":[1]}"""), "x" },
            { "unknown-output", Request("outputs", """[{"name":"x"}]"""), "x" },
        };
        // Each replaces the tensor of temp in an otherwise good request.
        void Temp(string reason, string tensor) => data.Add(reason, Request(null, null, $$"""{"name":"temp",{{tensor}}}"""), "temp");
        Temp("bad-json", "\"shape\":[1],\"datatype\":\"FP64\"");
        Temp("bad-json", "\"shape\":[1],\"data\":[1]");
        Temp("bad-json", "\"shape\":[1],\"datatype\":\"FP64\",\"parameters\":{\"binary_data_size\":8}");
        Temp("bad-shape", "\"datatype\":\"FP64\",\"data\":[1]");
        Temp("bad-shape", "\"shape\":[],\"datatype\":\"FP64\",\"data\":[1]");
        Temp("bad-shape", "\"shape\":1,\"datatype\":\"FP64\",\"data\":[1]");
        Temp("bad-shape", "\"shape\":[-1],\"datatype\":\"FP64\",\"data\":[1]");
        Temp("bad-shape", "\"shape\":[2],\"datatype\":\"FP64\",\"data\":[1]");
        Temp("bad-shape", "\"shape\":[1],\"datatype\":\"FP64\",\"data\":[1,2]");
        Temp("bad-shape", "\"shape\":[1,2],\"datatype\":\"FP64\",\"data\":[1,2]");
        Temp("bad-shape", "\"shape\":[1,1,1],\"datatype\":\"FP64\",\"data\":[1]");
        Temp("bad-shape", "\"shape\":[1,1],\"datatype\":\"FP64\",\"data\":[[1,2]]");
        Temp("bad-shape", "\"shape\":[1,1],\"datatype\":\"FP64\",\"data\":[[]]");
        Temp("bad-shape", "\"shape\":[1,1],\"datatype\":\"FP64\",\"data\":[[[1]]]");
        Temp("bad-shape", "\"shape\":[1],\"datatype\":\"FP64\",\"data\":[[1]]");
        Temp("bad-shape", "\"shape\":[1],\"datatype\":\"FP64\",\"data\":5");
        Temp("bad-shape", "\"shape\":[1000000000000],\"datatype\":\"FP64\",\"data\":[1]");
        Temp("bad-shape", "\"shape\":[1],\"datatype\":\"FP64\",\"data\":[{}]");
        Temp("no-rows", "\"shape\":[0],\"datatype\":\"FP64\",\"data\":[]");
        Temp("wrong-type", "\"shape\":[1],\"datatype\":\"FP16\",\"data\":[1]");
        Temp("wrong-type", "\"shape\":[1],\"datatype\":\"fp64\",\"data\":[1]");
        Temp("wrong-type", "\"shape\":[1],\"datatype\":\"BYTES\",\"data\":[\"1\"]");
        Temp("wrong-type", "\"shape\":[1],\"datatype\":\"BOOL\",\"data\":[true]");
        Temp("wrong-type", "\"shape\":[1],\"datatype\":\"FP64\",\"data\":[\"1\"]");
        Temp("wrong-type", "\"shape\":[1],\"datatype\":\"INT32\",\"data\":[1.5]");
        Temp("wrong-type", "\"shape\":[1],\"datatype\":\"INT8\",\"data\":[128]");
        Temp("wrong-type", "\"shape\":[1],\"datatype\":\"UINT8\",\"data\":[-1]");
        Temp("missing-value", "\"shape\":[1],\"datatype\":\"FP64\",\"data\":[null]");
        Temp("not-finite", "\"shape\":[1],\"datatype\":\"FP64\",\"data\":[NaN]");
        Temp("not-finite", "\"shape\":[1],\"datatype\":\"FP64\",\"data\":[\"Infinity\"]");
        Temp("not-finite", "\"shape\":[1],\"datatype\":\"INT32\",\"data\":[\"nan\"]");
        Temp("not-finite", "\"shape\":[1],\"datatype\":\"FP32\",\"data\":[1e39]");
        data.Add("bad-shape",
            Request(null, null, """{"name":"temp","shape":[2],"datatype":"FP64","data":[1,2]}"""), "hour");
        data.Add("duplicate-column", Request(null, null, Temperature + "," + Temperature), "temp");
        return data;
    }

    [Fact]
    public async Task Predict_EachMalformedBody_Answers400AndNamesTheColumn() => await CheckAsync(Predict, Rows());

    [Fact]
    public async Task Infer_EachMalformedBody_Answers400AndNamesTheColumn() => await CheckAsync(Infer, Tensors());

    [Fact]
    public async Task Predict_InvalidUtf8_Answers400()
    {
        await using var serving = await ServingFixture.StartAsync();
        var body = Encoding.Latin1.GetBytes("""{"rows":[{"temp":1,"hour":1,"holiday":true,"weather":"é","at":0}]}""");
        var (status, answer) = await serving.PostAsync(Predict, new ByteArrayContent(body));
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains("weather", answer.GetProperty("error").GetString());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Predict_50MegabyteBody_Answers400WithoutKeepingIt(bool lengthKnown)
    {
        await using var serving = await ServingFixture.StartAsync();
        using HttpContent content = lengthKnown
            ? new ByteArrayContent(new byte[50 << 20])
            : new StreamContent(new EndlessStream(50 << 20));
        var (status, answer) = await serving.PostAsync(Predict, content);
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains("longer than", answer.GetProperty("error").GetString());
        Assert.Equal(HttpStatusCode.OK, (await serving.PostAsync(Predict, $$"""{"rows":[{{FakeScorer.Row}}]}""")).Status);
    }

    [Fact]
    public async Task Predict_CompressedOrBinaryBody_Answers400()
    {
        await using var serving = await ServingFixture.StartAsync();
        using var compressed = new ByteArrayContent([1, 2, 3]);
        compressed.Headers.ContentEncoding.Add("gzip");
        Assert.Equal(HttpStatusCode.BadRequest, (await serving.PostAsync(Predict, compressed)).Status);
        using var binary = new ByteArrayContent([1, 2, 3]);
        binary.Headers.Add("Inference-Header-Content-Length", "3");
        Assert.Equal(HttpStatusCode.BadRequest, (await serving.PostAsync(Infer, binary)).Status);
    }

    [Fact]
    public async Task Predict_MutatedBodies_AlwaysAnswers200Or400()
    {
        await using var serving = await ServingFixture.StartAsync();
        var random = new Random(7);
        var good = new[]
        {
            (Predict, $$"""{"rows":[{{FakeScorer.Row}},{{FakeScorer.Row}}]}"""), (Infer, Request(null, null)),
        };
        for (var i = 0; i < (Environment.GetEnvironmentVariable("GYRE_LONG") == "1" ? 50_000 : 1500); i++)
        {
            var (path, text) = good[i % 2];
            var body = Mutate(Encoding.UTF8.GetBytes(text), random);
            var (status, _) = await serving.PostAsync(path, new ByteArrayContent(body));
            Assert.True(status is HttpStatusCode.OK or HttpStatusCode.BadRequest, $"{status}: {Encoding.UTF8.GetString(body)}");
        }
    }

    [Fact]
    public async Task Predict_FloodOfBadRequests_StoresABoundedNumberAndCountsTheRest()
    {
        await using var serving = await ServingFixture.StartAsync(options => (options.RejectionsLoggedPerSecond, options.RejectionsKept) = (10, 20));
        for (var i = 0; i < 500; i++) await serving.PostAsync(Predict, "{}");
        await serving.StopAsync();
        Assert.InRange(serving.Count("SELECT count(*) FROM gyre_rejections"), 1, 20);
    }

    private static async Task CheckAsync(string path, TheoryData<string, string, string?> cases)
    {
        await using var serving = await ServingFixture.StartAsync(options => options.RejectionsLoggedPerSecond = 1000);
        var sent = 0;
        foreach (var row in cases)
        {
            var (reason, body, column) = ((string)row[0]!, (string)row[1]!, (string?)row[2]); // as given above
            var (status, answer) = await serving.PostAsync(path, body);
            Assert.True(status == HttpStatusCode.BadRequest, $"{status} for {body[..Math.Min(200, body.Length)]}");
            var error = answer.GetProperty("error").GetString()!; // the fixture writes it
            if (column is not null) Assert.Contains($"'{column}'", error);
            sent++;
            await Eventually.HoldsAsync(() => serving.Count("SELECT count(*) FROM gyre_rejections") == sent);
            Assert.Equal(reason, LastReason(serving));
        }

        Assert.Equal(HttpStatusCode.OK, (await serving.PostAsync(Predict, $$"""{"rows":[{{FakeScorer.Row}}]}""")).Status);
        Assert.Equal(HttpStatusCode.OK, (await serving.PostAsync(Infer, Request(null, null))).Status);
    }

    private static string? LastReason(ServingFixture serving)
    {
        using var connection = serving.Database.OpenConnection();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT reason FROM gyre_rejections ORDER BY id DESC LIMIT 1";
        return command.ExecuteScalar() as string;
    }

    private const string Temperature = """{"name":"temp","shape":[1],"datatype":"FP64","data":[1]}""";

    private static string Infer1(string tensor) => $$"""{"inputs":[{{tensor}}]}""";

    private static string Request(string? property, string? value, string temperature = Temperature) => $$"""
        {{{(property is null ? "" : $"\"{property}\":{value},")}}"inputs":[{{temperature}},
        {"name":"hour","shape":[1],"datatype":"INT32","data":[1]},{"name":"holiday","shape":[1],"datatype":"BOOL","data":[true]},
        {"name":"weather","shape":[1,1],"datatype":"BYTES","data":[["x"]]},{"name":"at","shape":[1],"datatype":"INT64","data":[0]}]}
        """;

    private static byte[] Mutate(byte[] body, Random random)
    {
        var mutated = body.ToList();
        for (var i = random.Next(1, 4); i > 0; i--)
        {
            var at = random.Next(mutated.Count);
            switch (random.Next(4))
            {
                case 0: mutated[at] = (byte)random.Next(256); break;
                case 1: mutated.RemoveRange(at, Math.Min(mutated.Count - at - 1, random.Next(1, 20))); break;
                case 2: mutated.InsertRange(at, mutated.GetRange(at, Math.Min(mutated.Count - at, random.Next(1, 40)))); break;
                default: mutated.Insert(at, "{}[],:\"0-e"u8[random.Next(10)]); break;
            }
        }

        return [.. mutated];
    }

    /// <summary>Zeros whose number the reader cannot know beforehand.</summary>
    private sealed class EndlessStream(long length) : Stream
    {
        private long _left = length;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count)
        {
            var read = (int)Math.Min(count, _left);
            _left -= read;
            return read;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
