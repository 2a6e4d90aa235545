using System.Globalization;
using Gyre.Bench.Serving;
using Gyre.Primitives;

namespace Gyre.Bench;

/// <summary>
/// One prediction through HTTP against a server process of its own: latency at 500 requests/s (open loop: each request
/// has its time whether or not the one before is answered, and its latency counts from that time), and the most
/// requests/s against an empty JSON endpoint of the same host (closed loop, in turns). Options: seconds per
/// measurement (default 10), requests/s (default 500), connections (default 8).
/// </summary>
internal static class ServingBenchmark
{
    private const int Turns = 3;

    private const string Row =
        """
        {"rows":[{"hr":8,"temp":0.3,"atemp":0.31,"hum":0.6,"windspeed":0.1,"workingday":1,
        "season":1,"weekday":3,"mnth":2,"weathersit":1}]}
        """;

    public static int Run(string[] args)
    {
        if (args is ["--serve", var workspace]) return BenchmarkHost.Run(workspace);
        if (args is ["engine"]) return EngineAlone.Run();
        if (args is ["prepare", var prepared])
        {
            var trained = BenchmarkModel.Train();
            trained.RegisterAsync(prepared).GetAwaiter().GetResult();
            File.WriteAllText(Path.Combine(prepared, "body.json"), trained.InferenceBody(trained.WholeRow));
            return 0;
        }

        if (args is ["quick", ..]) return Quick(args);
        var seconds = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 10;
        var rate = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 500;
        var connections = args.Length > 2 ? int.Parse(args[2], CultureInfo.InvariantCulture) : 8;
        var folder = Directory.CreateTempSubdirectory("gyre-bench-").FullName;
        try
        {
            BenchmarkModel.Train().RegisterAsync(folder).GetAwaiter().GetResult();
            using var server = ServerProcess.Start(folder);
            Print($"start to /health: {server.StartToHealth.TotalMilliseconds:F0} ms from process start");
            var predict = HttpLoad.Post(server.Address, "/predict/bike", Row);
            var empty = HttpLoad.Post(server.Address, "/empty", Row);

            HttpLoad.Closed(server.Address, predict, connections, TimeSpan.FromSeconds(3)); // warm-up
            HttpLoad.Closed(server.Address, empty, connections, TimeSpan.FromSeconds(1));
            for (var turn = 0; turn < Turns; turn++)
            {
                var open = OpenLoad.Run(server.Address, predict, rate, TimeSpan.FromSeconds(seconds), 16);
                Print($"open loop, {rate} requests/s: {open}");
            }

            var turnTime = TimeSpan.FromSeconds(seconds / 2.0);
            List<double> predicted = [], answered = [];
            for (var turn = 0; turn < Turns; turn++)
            {
                answered.Add(HttpLoad.Closed(server.Address, empty, connections, turnTime));
                predicted.Add(HttpLoad.Closed(server.Address, predict, connections, turnTime));
                Print($"{connections} connections: empty {answered[^1]:F0}/s, predict {predicted[^1]:F0}/s");
            }

            predicted.Sort();
            answered.Sort();
            var ratio = predicted[Turns / 2] / answered[Turns / 2];
            Print($"median: predict {predicted[Turns / 2]:F0}/s, empty {answered[Turns / 2]:F0}/s, ratio {ratio:F2}");
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

    private static int Quick(string[] args)
    {
        var folder = Directory.CreateTempSubdirectory("gyre-bench-").FullName;
        var model = BenchmarkModel.Train();
        model.RegisterAsync(folder).GetAwaiter().GetResult();
        using var server = ServerProcess.Start(folder);
        var body = model.InferenceBody(model.WholeRow);
        Console.WriteLine(body);
        var connections = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 32;
        var time = TimeSpan.FromSeconds(4);
        for (var turn = 0; turn < 3; turn++)
        {
            foreach (var path in new[] { "/empty", "/echo", "/v2/models/adult/infer" })
                Console.WriteLine(path + " " + Wrk.Post(new Uri(server.Address, path), body, connections, 1, time));
        }

        return 0;
    }

    private static void Print(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
