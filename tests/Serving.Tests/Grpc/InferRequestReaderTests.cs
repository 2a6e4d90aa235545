using Google.Protobuf;
using Gyre.Primitives;
using Gyre.Serving.Engine;
using Gyre.Serving.Grpc.Inference;
using Gyre.Serving.Grpc.Protocol;
using Gyre.Serving.Requests;
using Gyre.Tabular;

namespace Gyre.Serving.Tests.Grpc;

/// <summary>The reader that reads messages where they lie, held against the generated parser.</summary>
public class InferRequestReaderTests
{
    private static readonly InputColumns Columns = new(FakeScorer.Columns);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Read_RandomRequests_AreWhatTheGeneratedParserReads(int seed)
    {
        var random = new Random(seed);
        for (var i = 0; i < 500; i++)
        {
            var request = RandomRequest(random);
            var bytes = request.ToByteArray();
            Assert.Equal(Expected(request), Describe(bytes));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Read_MutatedBytes_AreRefusedOrWhatTheGeneratedParserReads(int seed)
    {
        var random = new Random(seed);
        for (var i = 0; i < 3000; i++)
        {
            var bytes = RandomRequest(random).ToByteArray();
            for (var changes = random.Next(1, 4); changes > 0; changes--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            if (random.Next(4) == 0) bytes = bytes[..random.Next(bytes.Length)];
            // Whatever it was, the reader ends with columns or with the client's mistake, nothing else.
            var read = Describe(bytes);
            if (Parse(bytes) is not { } parsed) continue;
            // The generated parser reads a last packed number beyond the end of its list; then bytes are missing.
            var plain = parsed.ToByteArray();
            if (read != "malformed" || plain.AsSpan().SequenceEqual(bytes)) Assert.Equal(Describe(plain), read);
        }
    }

    [Fact]
    public void Read_ListsInPieces_AreOneList()
    {
        // bool_contents of 'holiday' one by one, fp64_contents in two packed pieces, contents given twice.
        var request = InferRequests.Typed();
        byte[] loose = [0x08, 0x00];
        byte[] pieces = [0x3A, 8, .. BitConverter.GetBytes(1.0), 0x3A, 8, .. BitConverter.GetBytes(2.0)];
        Assert.Equal(2.0, InferTensorContents.Parser.ParseFrom(pieces).Fp64Contents[1]);
        request.Inputs[2].Contents = null;
        request.Inputs[0].Contents = null;
        byte[] bytes =
        [
            .. Nested(5, [.. Head("temp", "FP64", 2), .. Nested(5, pieces)]),
            .. Nested(5, [.. Head("hour", "INT64", 2), .. Nested(5, [0x1A, 1, 3]), .. Nested(5, [0x1A, 1, 4])]),
            .. Nested(5, [.. Head("holiday", "BOOL", 2), .. Nested(5, [.. loose, .. loose])]),
            .. Nested(5, [.. Head("weather", "BYTES", 2), .. Nested(5, [0x42, 1, 97, 0x42, 1, 98])]),
            .. Nested(5, [.. Head("at", "INT64", 2), .. Nested(5, [0x1A, 2, 5, 6])]),
        ];
        Assert.Equal("1|2 3|4 False|False a|b 5|6", Describe(bytes));
    }

    private static byte[] Head(string name, string datatype, byte rows) =>
        [.. Nested(1, System.Text.Encoding.UTF8.GetBytes(name)), .. Nested(2, System.Text.Encoding.UTF8.GetBytes(datatype)), 0x18, rows];

    private static byte[] Nested(int field, byte[] content) => [(byte)((field << 3) | 2), (byte)content.Length, .. content];

    private static ModelInferRequest? Parse(byte[] bytes)
    {
        try
        {
            return ModelInferRequest.Parser.ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException)
        {
            return null;
        }
    }

    private static string Describe(byte[] message)
    {
        try
        {
            var target = InferTarget.Read(message);
            var table = ((TableInputs)InferRequestReader.ReadInputs(
                message, new ColumnCollector(Columns, new RequestLimits(1000, 1000)), target.IsRaw)).Table;
            return string.Join(' ', table.Columns.Select(column =>
                string.Join('|', Enumerable.Range(0, column.Length).Select(row => column.ValueAt(row) ?? "missing"))));
        }
        catch (RequestRejectedException rejection)
        {
            return $"{rejection.Reason.Name()} {rejection.Column}";
        }
        catch (GyreException)
        {
            return "malformed";
        }
    }

    private static string Expected(ModelInferRequest request) => string.Join(' ',
        Values(request, "temp", c => c.Fp64Contents.Select(v => (object)v)),
        Values(request, "hour", c => c.Int64Contents.Select(v => (object)v)),
        Values(request, "holiday", c => c.BoolContents.Select(v => (object)v)),
        Values(request, "weather", c => c.BytesContents.Select(v => (object)v.ToStringUtf8())),
        Values(request, "at", c => c.Int64Contents.Select(v => (object)v)));

    private static string Values(ModelInferRequest request, string name, Func<InferTensorContents, IEnumerable<object>> list) =>
        string.Join('|', list(request.Inputs.Single(input => input.Name == name).Contents));

    private static ModelInferRequest RandomRequest(Random random)
    {
        var rows = random.Next(1, 5);
        IEnumerable<int> each = Enumerable.Range(0, rows);
        var request = new ModelInferRequest { ModelName = "m", Id = random.Next(2) == 0 ? "" : "id \u00FC" };
        InferTensorContents[] contents = [new(), new(), new(), new(), new()];
        contents[0].Fp64Contents.AddRange(each.Select(_ => random.NextDouble() * 1000 - 500));
        contents[1].Int64Contents.AddRange(each.Select(_ => random.NextInt64(long.MinValue, long.MaxValue)));
        contents[2].BoolContents.AddRange(each.Select(_ => random.Next(2) == 1));
        contents[3].BytesContents.AddRange(each.Select(_ => ByteString.CopyFromUtf8(new string('x', random.Next(200)) + "\u00E9")));
        contents[4].Int64Contents.AddRange(each.Select(_ => random.NextInt64(-1000, 1L << 40)));
        var names = FakeScorer.Columns.Select(column => column.Name).ToArray();
        string[] datatypes = ["FP64", "INT64", "BOOL", "BYTES", "INT64"];
        foreach (var at in Enumerable.Range(0, names.Length).OrderBy(_ => random.Next()))
        {
            var tensor = InferRequests.Tensor(names[at], datatypes[at], contents[at], rows);
            if (random.Next(2) == 0) tensor.Parameters["p"] = new InferParameter { Int64Param = random.Next() };
            if (random.Next(2) == 0) tensor.Shape.Add(1);
            request.Inputs.Add(tensor);
        }

        return request;
    }
}
