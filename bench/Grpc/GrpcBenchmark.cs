using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Google.Protobuf;
using Gyre.Bench.Serving;
using Gyre.Bench.Tracking;
using Gyre.Primitives;
using Gyre.Tabular;
using Gyre.Serving.Grpc.Protocol;

namespace Gyre.Bench.Grpc;

/// <summary>
/// One prediction over gRPC (adult, 14 raw columns, 100 trees; raw and typed contents) against two methods of the
/// same host that do nothing: requests/s of one connection with many calls under way, in turns. Options: seconds per measurement
/// (default 5), calls under way (default 50, as ghz has it).
/// </summary>
internal static class GrpcBenchmark
{
    private const int Turns = 5;
    private const string InferPath = "/inference.GRPCInferenceService/ModelInfer";

    public static int Run(string[] args)
    {
        if (args is ["--serve", var workspace]) return GrpcServer.Run(workspace);
        var seconds = TimeSpan.FromSeconds(args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 5);
        var calls = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 50;
        var folder = Directory.CreateTempSubdirectory("gyre-bench-").FullName;
        try
        {
            var model = BenchmarkModel.Train();
            model.RegisterAsync(folder).GetAwaiter().GetResult();
            using var server = GrpcServer.Start(folder);
            var raw = Body(folder, "raw", Request(model, isRaw: true));
            var typed = Body(folder, "typed", Request(model, isRaw: false));
            Check(server.Address, raw);
            Check(server.Address, typed);
            Measure(server, raw, typed, calls, seconds);
            return 0;
        }
        catch (GyreException failure)
        {
            Console.Error.WriteLine(failure.Message);
            return 2;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Measure(GrpcServer server, string raw, string typed, int calls, TimeSpan duration)
    {
        (string Name, string Path, string Body)[] methods =
        [
            ("empty", GrpcServer.EmptyPath, raw), ("echo", GrpcServer.EchoPath, raw), ("raw", InferPath, raw),
            ("typed", InferPath, typed),
        ];
        foreach (var (_, path, body) in methods) H2Load.Run(server.Address, path, body, calls, duration); // warm-up
        var rates = methods.ToDictionary(method => method.Name, _ => new List<double>());
        var costs = methods.ToDictionary(method => method.Name, _ => new List<double>());
        for (var turn = 0; turn < Turns; turn++)
        {
            foreach (var (name, path, body) in methods)
            {
                var before = server.ProcessorTime;
                var rate = H2Load.Run(server.Address, path, body, calls, duration);
                rates[name].Add(rate);
                costs[name].Add((server.ProcessorTime - before).TotalMicroseconds / (rate * duration.TotalSeconds));
            }
        }

        foreach (var (name, _, _) in methods)
            Print($"{calls} calls, {name}: {Median(rates[name]):N0}/s, {Median(costs[name]):N1} µs CPU each");
        foreach (var name in new[] { "raw", "typed" })
        {
            Bars.AtLeast($"one row over gRPC, {name}, of an echo",
                100 * Median(rates[name]) / Median(rates["echo"]), 60, "%");
            Print($"       of an empty answer: {100 * Median(rates[name]) / Median(rates["empty"]):F1} %");
        }
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    // The load generator does not look into trailers: that calls succeed is seen here.
    private static void Check(Uri address, string bodyFile)
    {
        using var client = new HttpClient();
        for (var attempt = 0; ; attempt++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(address, InferPath))
            {
                Version = HttpVersion.Version20,
                VersionPolicy = HttpVersionPolicy.RequestVersionExact,
                Content = new ByteArrayContent(File.ReadAllBytes(bodyFile)),
            };
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
            using var response = client.SendAsync(request).GetAwaiter().GetResult();
            response.Content.ReadAsByteArrayAsync().GetAwaiter().GetResult();
            var headers = response.TrailingHeaders.Concat(response.Headers)
                .ToDictionary(header => header.Key, header => header.Value.First());
            if (headers["grpc-status"] == "0") return;
            if (attempt == 100) throw GyreException.Invalid($"{headers["grpc-status"]}: {headers["grpc-message"]}");
            Thread.Sleep(50); // the champion is being loaded
        }
    }

    private static string Body(string folder, string name, ModelInferRequest request)
    {
        var message = request.ToByteArray();
        var frame = new byte[5 + message.Length];
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), message.Length);
        message.CopyTo(frame, 5);
        var file = Path.Combine(folder, name);
        File.WriteAllBytes(file, frame);
        return file;
    }

    private static ModelInferRequest Request(BenchmarkModel model, bool isRaw)
    {
        var request = new ModelInferRequest { ModelName = "adult" };
        foreach (var column in model.Rows.Columns)
        {
            var tensor = new ModelInferRequest.Types.InferInputTensor
            {
                Name = column.Name, Shape = { 1, 1 }, Contents = new InferTensorContents(),
            };
            tensor.Datatype = Fill(tensor.Contents, column, model.WholeRow, out var bytes);
            if (isRaw) tensor.Contents = null;
            request.Inputs.Add(tensor);
            if (isRaw) request.RawInputContents.Add(ByteString.CopyFrom(bytes));
        }

        return request;
    }

    private static string Fill(InferTensorContents contents, Column column, int row, out byte[] raw)
    {
        switch (column)
        {
            case Column<double> numbers:
                contents.Fp64Contents.Add(numbers.Values[row]);
                raw = BitConverter.GetBytes(numbers.Values[row]);
                return "FP64";
            case Column<long> integers:
                contents.Int64Contents.Add(integers.Values[row]);
                raw = BitConverter.GetBytes(integers.Values[row]);
                return "INT64";
            case Column<bool> flags:
                contents.BoolContents.Add(flags.Values[row]);
                raw = BitConverter.GetBytes(flags.Values[row]);
                return "BOOL";
            default:
                var text = ByteString.CopyFromUtf8((string)column.ValueAt(row)!); // the row has all its values
                contents.BytesContents.Add(text);
                raw = [.. BitConverter.GetBytes(text.Length), .. text];
                return "BYTES";
        }
    }

    private static void Print(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
