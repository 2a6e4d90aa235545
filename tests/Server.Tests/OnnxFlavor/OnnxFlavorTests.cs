using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Gyre.Serving.Grpc.Protocol;

namespace Gyre.Server.Tests.OnnxFlavor;

/// <summary>Packages of MLflow's <c>onnx</c> flavor, registered by its API, answer by every protocol.</summary>
public sealed class OnnxFlavorTests(FlavorHost host) : IClassFixture<FlavorHost>
{
    public static TheoryData<string> Packages { get; } = [.. FlavorPackage.All.Keys];

    public static TheoryData<string, string> Forms { get; } = AllForms();

    [Theory]
    [MemberData(nameof(Packages))]
    public async Task Infer_OverRest_IsWhatNumPySays(string name)
    {
        var package = FlavorPackage.All[name];
        var types = await TypesAsync(name);
        var inputs = new JsonArray([.. package.Inputs.Select(input => new JsonObject
        {
            ["name"] = input.Name, ["datatype"] = types[input.Name],
            ["shape"] = new JsonArray([.. input.Shape.Select(length => (JsonNode)length)]),
            ["data"] = input.Nested() is JsonArray array ? array : new JsonArray(input.Nested()),
        })]);
        var request = new JsonObject { ["inputs"] = inputs }.ToJsonString();

        var answer = await host.PostAsync($"/v2/models/{name}/infer", request);

        var outputs = answer.GetProperty("outputs").EnumerateArray().ToDictionary(o => o.GetProperty("name").GetString()!);
        Assert.Equal(package.Outputs.Select(o => o.Name), outputs.Keys);
        foreach (var expected in package.Outputs)
        {
            var output = outputs[expected.Name];
            Assert.Equal(expected.Shape, output.GetProperty("shape").EnumerateArray().Select(d => d.GetInt32()));
            expected.Equals(output.GetProperty("data").EnumerateArray());
        }
    }

    [Theory]
    [MemberData(nameof(Packages))]
    public async Task Infer_OverGrpc_IsWhatNumPySays(string name)
    {
        var package = FlavorPackage.All[name];
        var types = await TypesAsync(name);
        var request = new ModelInferRequest { ModelName = name };
        foreach (var input in package.Inputs)
        {
            var tensor = new ModelInferRequest.Types.InferInputTensor
            {
                Name = input.Name, Datatype = types[input.Name],
            };
            tensor.Shape.AddRange(input.Shape.Select(length => (long)length));
            request.Inputs.Add(tensor);
            request.RawInputContents.Add(ByteString.CopyFrom([.. input.Cells.SelectMany(c => Raw(c, tensor.Datatype))]));
        }

        var answer = await host.Grpc!.InferAsync(request); // the fixture has started

        Assert.Equal(package.Outputs.Select(o => o.Name), answer.Outputs.Select(o => o.Name));
        foreach (var (expected, i) in package.Outputs.Select((output, i) => (output, i)))
        {
            Assert.Equal(expected.Shape, answer.Outputs[i].Shape.Select(length => (int)length));
            expected.Equals(Elements(answer.RawOutputContents[i].Span, answer.Outputs[i].Datatype));
        }
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task Invocations_EveryForm_IsWhatNumPySays(string name, string form)
    {
        var package = FlavorPackage.All[name];
        var (body, type) = Body(package, form);

        var answer = await host.PostAsync($"/models/{name}/invocations", body, type);

        var predictions = answer.GetProperty("predictions");
        foreach (var expected in package.Outputs)
        {
            if (!package.TakesColumns) expected.Equals(Flat(predictions.GetProperty(expected.Name)));
            else
            {
                expected.Equals(predictions.EnumerateArray().SelectMany(row => Flat(row.GetProperty(expected.Name))));
                // A data frame has scalars in its cells.
                var isScalar = expected.Shape is [_] or [_, 1];
                Assert.Equal(isScalar, predictions[0].GetProperty(expected.Name).ValueKind is not JsonValueKind.Array);
            }
        }
    }

    [Fact]
    public async Task Describe_Packages_ShowSignatureAndGraph()
    {
        var stacked = await InputsAsync("stacked");
        Assert.Equal(["sepal length (cm)", "sepal width (cm)", "petal length (cm)", "count"],
            stacked.Select(input => input.GetProperty("name").GetString()));
        Assert.Equal(["FP64", "FP64", "FP64", "INT64"], stacked.Select(i => i.GetProperty("datatype").GetString()));
        var several = await InputsAsync("several");
        Assert.Equal(["[-1,-1]", "[]", "[-1]"], several.Select(input => input.GetProperty("shape").GetRawText()));
        Assert.Equal(["INT64", "FP32", "BYTES"], several.Select(input => input.GetProperty("datatype").GetString()));
    }

    [Theory]
    [InlineData("several", """{"dataframe_split":{"columns":["weight","who"],"data":[[1,"a"]]}}""", "'tokens'")]
    [InlineData("several", """{"dataframe_records":[{"tokens":[1],"weight":1,"who":"a"}]}""", "'weight'")]
    [InlineData("unsigned", """{"dataframe_records":[{"a":1}]}""", "'b'")]
    [InlineData("unsigned", """{"dataframe_records":[{"a":1,"b":2},{"a":1}]}""", "'b', row 1")]
    [InlineData("unsigned", """{"dataframe_records":[{"a":1,"b":2},{"a":1,"b":2,"c":3}]}""", "'c', row 1")]
    [InlineData("unsigned", """{"dataframe_records":[{"a":1,"b":"x"}]}""", "'b'")]
    [InlineData("unsigned", """{"dataframe_records":[{"a":1,"b":null}]}""", "'b'")]
    [InlineData("unsigned", """{"dataframe_records":[]}""", "no rows")]
    [InlineData("unsigned", """{"dataframe_split":{"columns":["a","b"],"data":[[1]]}}""", "Row 0")]
    [InlineData("unsigned", """{"instances":[1,2]}""", "2 inputs")]
    [InlineData("external", """{"dataframe_records":[{"a":1,"b":2,"c":3}]}""", "'x'")]
    [InlineData("stacked", """{"dataframe_split":{"columns":["count"],"data":[[1]]}}""", "'sepal length (cm)'")]
    public async Task Invocations_RowsThatDoNotFit_AreRefusedWithTheColumn(string name, string body, string cause)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        var path = new Uri($"/models/{name}/invocations", UriKind.Relative);
        using var answer = await host.Client.PostAsync(path, content);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains(cause, JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement
            .GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    private static TheoryData<string, string> AllForms()
    {
        var forms = new TheoryData<string, string>();
        foreach (var name in FlavorPackage.All.Keys)
        {
            forms.Add(name, "inputs");
            if (name == "several") continue; // rows cannot carry its scalar
            string[] frames = ["dataframe_split", "dataframe_records", "instances", "csv"];
            foreach (var form in frames) forms.Add(name, form);
        }

        return forms;
    }

    private static (string Body, string Type) Body(FlavorPackage package, string form)
    {
        if (package.Name is "several") return (Inputs(package), "application/json");
        var (columns, rows) = package.Frame();
        if (form == "csv")
        {
            var lines = rows.Select(row => string.Join(',', row.Select(cell => cell?.ToString())));
            return ($"{string.Join(',', columns)}\n{string.Join('\n', lines)}\n", "text/csv");
        }

        JsonArray Records() => new([.. rows.Select(row => new JsonObject(
            columns.Zip(row, (column, cell) => KeyValuePair.Create(column, cell?.DeepClone()))))]);
        JsonNode? content = form switch
        {
            "dataframe_split" => new JsonObject
            {
                ["columns"] = new JsonArray([.. columns.Select(column => (JsonNode)column)]),
                ["index"] = new JsonArray([.. rows.Select((_, i) => (JsonNode)i)]),
                ["data"] = new JsonArray([.. rows.Select(row =>
                    new JsonArray([.. row.Select(cell => cell?.DeepClone())]))]),
            },
            "dataframe_records" => Records(),
            "instances" or "inputs" when package.Name is "external" => package.Inputs[0].Nested(),
            "instances" => Records(),
            _ => null,
        };
        var body = content is null ? Inputs(package) : new JsonObject { [form] = content }.ToJsonString();
        return (body, "application/json");
    }

    private static string Inputs(FlavorPackage package) => new JsonObject
    {
        ["inputs"] = new JsonObject(package.Inputs.Select(input => KeyValuePair.Create(input.Name, input.Nested()))),
    }.ToJsonString();

    private async Task<JsonElement[]> InputsAsync(string model)
    {
        var text = await host.Client.GetStringAsync(new Uri($"/v2/models/{model}", UriKind.Relative));
        return [.. JsonDocument.Parse(text).RootElement.GetProperty("inputs").EnumerateArray()];
    }

    private async Task<Dictionary<string, string>> TypesAsync(string model) => (await InputsAsync(model)).ToDictionary(
        input => input.GetProperty("name").GetString()!, input => input.GetProperty("datatype").GetString()!);

    private static IEnumerable<JsonElement> Flat(JsonElement value) =>
        value.ValueKind is JsonValueKind.Array ? value.EnumerateArray().SelectMany(Flat) : [value];

    private static byte[] Raw(JsonElement cell, string datatype) => datatype switch
    {
        "FP32" => BitConverter.GetBytes(cell.GetSingle()),
        "FP64" => BitConverter.GetBytes(cell.GetDouble()),
        "INT64" => BitConverter.GetBytes((long)cell.GetDouble()),
        _ => Text(Encoding.UTF8.GetBytes(cell.GetString()!)), // a cell of texts is one
    };

    private static byte[] Text(byte[] utf8) => [.. BitConverter.GetBytes(utf8.Length), .. utf8];

    private static List<JsonElement> Elements(ReadOnlySpan<byte> raw, string datatype)
    {
        var elements = new List<JsonElement>();
        for (var at = 0; at < raw.Length;)
        {
            var (text, length) = datatype switch
            {
                "FP32" => (Text(BinaryPrimitives.ReadSingleLittleEndian(raw[at..])), sizeof(float)),
                "INT64" => (Text(BinaryPrimitives.ReadInt64LittleEndian(raw[at..])), sizeof(long)),
                _ => String(raw[at..]),
            };
            elements.Add(JsonDocument.Parse(text).RootElement);
            at += length;
        }

        return elements;
    }

    private static string Text(IFormattable number) => number.ToString(null, CultureInfo.InvariantCulture);

    private static (string, int) String(ReadOnlySpan<byte> raw)
    {
        var length = BinaryPrimitives.ReadInt32LittleEndian(raw);
        return (JsonSerializer.Serialize(Encoding.UTF8.GetString(raw.Slice(4, length))), 4 + length);
    }
}
