using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Gyre.Fixtures;
using Gyre.Serving.Http;
using Gyre.Serving.Requests;

namespace Gyre.Serving.Tests.Corpus;

/// <summary>Requests that are wrong, each in a file of this folder (made by make.py), and what becomes of mutations of them.</summary>
public sealed class MalformedRequestTests
{
    private static readonly string Folder = Path.Combine(TestData.Root, "tests", "Serving.Tests", "Corpus");

    public static TheoryData<string> Files() => [.. Cases().Select(item => item.File)];

    [Theory]
    [MemberData(nameof(Files))]
    public void Read_MalformedRequest_IsRefusedForItsCause(string file)
    {
        using var models = new CorpusModels();
        var item = Cases().Single(c => c.File == file);
        var body = File.ReadAllBytes(Path.Combine(Folder, file));
        var form = new InferenceForm(CorpusModels.Limits, LengthOf(item.Header));

        var rejection = Assert.Throws<RequestRejectedException>(() => form.Read(body, models[item.Model]));

        Assert.Equal(item.Reason, rejection.Reason.Name());
        Assert.Contains(item.Cause, rejection.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Cases_EveryFile_IsListed() => Assert.Equal(
        Directory.GetFiles(Folder).Select(path => Path.GetFileName(path))
            .Where(name => name != "cases.json" && Path.GetExtension(name) is ".json" or ".bin").Order(StringComparer.Ordinal),
        Cases().Select(item => item.File).Order(StringComparer.Ordinal));

    [Fact]
    public void Read_ShapesAndLengthsThatLie_AllocateNothingByThem()
    {
        using var models = new CorpusModels();
        var lies = Cases().Where(item => item.File.Contains("billion", StringComparison.Ordinal)
            || item.File.Contains("lies", StringComparison.Ordinal) || item.File.Contains("gib", StringComparison.Ordinal)).ToArray();
        Assert.True(lies.Length >= 6);
        foreach (var item in lies)
        {
            var body = File.ReadAllBytes(Path.Combine(Folder, item.File));
            var form = new InferenceForm(CorpusModels.Limits, LengthOf(item.Header));
            Assert.Throws<RequestRejectedException>(() => form.Read(body, models[item.Model])); // what is made once
            var before = GC.GetAllocatedBytesForCurrentThread();
            Assert.Throws<RequestRejectedException>(() => form.Read(body, models[item.Model]));
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64 << 10);
        }
    }

    [Fact]
    public async Task Infer_CorpusOverHttp_Answers400WithACauseAndGoesOnServing()
    {
        await using var serving = await ServingFixture.StartAsync();
        foreach (var item in Cases().Where(item => item.Model == "columns" || item.Header is not null))
        {
            using var content = new ByteArrayContent(File.ReadAllBytes(Path.Combine(Folder, item.File)));
            if (item.Header is not null) content.Headers.TryAddWithoutValidation(BinaryTensors.Header, item.Header);
            var (status, answer) = await serving.PostAsync("/v2/models/m/infer", content);
            Assert.True(status is HttpStatusCode.BadRequest, item.File);
            Assert.NotEmpty(answer.GetProperty("error").GetString()!);
        }

        Assert.Equal(HttpStatusCode.OK, (await serving.PostAsync("/predict/m", $$"""{"rows":[{{FakeScorer.Row}}]}""")).Status);
    }

    [Fact]
    public void Read_TooManyElementsOrRows_IsRefusedBeforeItIsRead()
    {
        using var models = new CorpusModels();
        var body = """{"inputs":[{"name":"in_x","shape":[3,2],"datatype":"FP32","data":[1,2,3,4,5,6]}]}"""u8.ToArray();

        var elements = Assert.Throws<RequestRejectedException>(
            () => new InferenceForm(new RequestLimits(5, 100)).Read(body, models["tensor"]));
        var rows = Assert.Throws<RequestRejectedException>(
            () => new InferenceForm(new RequestLimits(100, 2)).Read(body, models["tensor"]));

        Assert.Equal((RejectionReason.TooLarge, RejectionReason.TooLarge), (elements.Reason, rows.Reason));
        new InferenceForm(new RequestLimits(6, 3)).Read(body, models["tensor"]);
    }

    [Fact]
    public void Read_Mutations_AreReadOrRefused()
    {
        using var models = new CorpusModels();
        var random = new Random(20121130);
        var seeds = Seeds();
        for (var i = Environment.GetEnvironmentVariable("GYRE_LONG") == "1" ? 3_000_000 : 6_000; i > 0; i--)
        {
            var seed = seeds[random.Next(seeds.Count)];
            var body = Mutate(seed.Body, seeds[random.Next(seeds.Count)].Body, random);
            var header = random.Next(8) switch { 0 => random.Next(-2, body.Length + 2), 1 => 0, _ => seed.Header };
            foreach (var model in models.All)
            {
                Try(body, () => new InferenceForm(CorpusModels.Limits, header).Read(body, model));
                Try(body, () => new InvocationsForm(CorpusModels.Limits, isCsv: false).Read(body, model));
                Try(body, () => new InvocationsForm(CorpusModels.Limits, isCsv: true).Read(body, model));
                if (model.Tensors is null) Try(body, () => RowsRequestReader.Read(body, model.Inputs));
            }
        }
    }

    private static void Try(byte[] body, Action read)
    {
        try
        {
            read();
        }
        catch (RequestRejectedException)
        {
            // What a client may get wrong.
        }
        catch (Exception failure)
        {
            Assert.Fail($"{Convert.ToBase64String(body)}\n{failure}");
        }
    }

    private static List<(byte[] Body, int? Header)> Seeds()
    {
        var seeds = Cases()
            .Select(item => (File.ReadAllBytes(Path.Combine(Folder, item.File)), LengthOf(item.Header))).ToList();
        foreach (var good in new[]
        {
            """{"id":"a","inputs":[{"name":"in_x","shape":[2,2],"datatype":"FP32","data":[[1,2],[3,4.5]]}],"outputs":[{"name":"x"}]}""",
            """{"inputs":[{"name":"in_t","shape":[2],"datatype":"BYTES","data":["a","ü"]}],"parameters":{"binary_data_output":true}}""",
            $$"""{"rows":[{{FakeScorer.Row}}]}""", $$"""{"dataframe_records":[{{FakeScorer.Row}}]}""",
            """{"dataframe_split":{"columns":["temp","hour","holiday","weather","at"],"data":[[1,2,true,"x",0],[1,2,null,null,null]]}}""",
            """{"inputs":{"in_x":[[1,2],[3,4]]},"params":{"a":1}}""", """{"instances":[[1,2],[3,4]]}""",
            "temp,hour,holiday,weather,at\n1.5,2,true,\"a \"\"b\"\"\",2012-01-01\n",
        }) seeds.Add((Encoding.UTF8.GetBytes(good), null));
        return seeds;
    }

    private static byte[] Mutate(byte[] body, byte[] other, Random random)
    {
        var mutated = body.Length > 2000 ? body.AsSpan(0, 2000).ToArray().ToList() : body.ToList();
        for (var i = random.Next(1, 5); i > 0; i--)
        {
            var at = random.Next(mutated.Count + 1);
            var left = mutated.Count - at;
            switch (random.Next(6))
            {
                case 0 when left > 0: mutated[at] = (byte)random.Next(256); break;
                case 1: mutated.RemoveRange(at, Math.Min(left, random.Next(1, 20))); break;
                case 2: mutated.InsertRange(at, mutated.GetRange(at, Math.Min(left, random.Next(1, 40)))); break;
                case 3 when other.Length > 0:
                    var from = random.Next(other.Length);
                    mutated.InsertRange(at, other.AsSpan(from, Math.Min(other.Length - from, random.Next(1, 60))));
                    break;
                case 4: mutated.InsertRange(at, "4294967297"u8.ToArray()); break;
                default: mutated.Insert(at, "{}[],:\"0-e\\ \n"u8[random.Next(13)]); break;
            }
        }

        return [.. mutated];
    }

    private static int? LengthOf(string? header) => header is null ? null
        : int.TryParse(header, NumberStyles.None, CultureInfo.InvariantCulture, out var length) ? length : -1;

    private static List<Case> Cases() => JsonSerializer.Deserialize<List<Case>>(
        File.ReadAllBytes(Path.Combine(Folder, "cases.json")), JsonSerializerOptions.Web) ?? [];

    private sealed record Case(string File, string Model, string? Header, string Reason, string Cause);
}
