using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Gyre.Loop.Deployment;
using Gyre.Loop.Pipeline;
using Gyre.Primitives;
using Gyre.Tabular;

namespace Gyre.Cli.Demo;

/// <summary>The client of the demo: predicts hours over HTTP and feeds their actual values back.</summary>
internal sealed class Replay(HttpClient client, string model, SimulatedClock clock, PipelineDefinition definition)
{
    private readonly Queue<(DateTimeOffset At, string Id, double Actual)> _awaiting = new();
    private HashSet<string>? _inputs;

    /// <summary>The hours predicted so far.</summary>
    public List<BikeHour> Hours { get; } = [];

    /// <summary>What the server answered for each of them.</summary>
    public List<double> Predictions { get; } = [];

    /// <summary>The version that answered last.</summary>
    public int Version { get; private set; }

    /// <summary>The simulated time.</summary>
    public DateTimeOffset Now => clock.GetUtcNow();

    /// <summary>Predicts one hour.</summary>
    public async Task PredictAsync(BikeHour hour, CancellationToken cancellationToken)
    {
        _inputs ??= await InputsAsync(cancellationToken);
        var row = new JsonObject();
        foreach (var name in _inputs) row[name] = Value(hour, name);
        var answer = await PostAsync($"predict/{model}", new JsonObject { ["rows"] = new JsonArray(row) }, cancellationToken);
        Hours.Add(hour);
        Predictions.Add(answer["predictions"]![0]!.GetValue<double>()); // one row was sent, one prediction is answered
        Version = answer["version"]!.GetValue<int>(); // every answer names its version
        _awaiting.Enqueue((hour.At, answer["predictionId"]!.GetValue<string>(), hour.Count));
    }

    /// <summary>Sends the actual values of all hours up to a moment.</summary>
    public async Task FeedBackAsync(DateTimeOffset upTo, CancellationToken cancellationToken)
    {
        var items = new JsonArray();
        while (_awaiting.TryPeek(out var next) && next.At < upTo)
        {
            _awaiting.Dequeue();
            items.Add(new JsonObject { ["predictionId"] = next.Id, ["actual"] = next.Actual });
        }

        if (items.Count > 0) await PostAsync($"feedback/{model}", items, cancellationToken);
    }

    /// <summary>Waits until the server has swapped to a version.</summary>
    public Task ServedAsync(int version, CancellationToken cancellationToken) =>
        ServedVersion.WaitAsync(client, model, version, cancellationToken);

    /// <summary>The hours predicted so far as columns of a model's inputs.</summary>
    public Table Table(Schema inputs) => new(inputs.Select(input => Column(input)));

    private Column Column(ColumnDefinition input)
    {
        var texts = Hours.Select(hour => hour.Values[input.Name]);
        return input.Type switch
        {
            ColumnType.Numeric => new Column<double>(input.Name, input.Type, [.. texts.Select(Number)]),
            ColumnType.Integer => new Column<long>(input.Name, input.Type, [.. texts.Select(t => (long)Number(t))]),
            ColumnType.Boolean => new Column<bool>(input.Name, input.Type, [.. texts.Select(t => Number(t) != 0)]),
            ColumnType.Timestamp => new Column<long>(input.Name, input.Type,
                [.. Hours.Select(h => (h.At - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond)]),
            _ => CategoricalColumn.FromValues(input.Name, input.Type, texts),
        };
    }

    private JsonValue Value(BikeHour hour, string name)
    {
        var text = hour.Values[name];
        return definition.Columns[name].Type switch
        {
            ColumnType.Numeric => JsonValue.Create(Number(text)),
            ColumnType.Integer => JsonValue.Create((long)Number(text)),
            ColumnType.Boolean => JsonValue.Create(Number(text) != 0),
            _ => JsonValue.Create(text),
        };
    }

    private async Task<HashSet<string>> InputsAsync(CancellationToken cancellationToken)
    {
        var metadata = JsonNode.Parse(await client.GetStringAsync(new Uri($"v2/models/{model}", UriKind.Relative), cancellationToken));
        return metadata!["inputs"]!.AsArray().Select(i => i!["name"]!.GetValue<string>()) // fields the protocol requires
            .ToHashSet(StringComparer.Ordinal);
    }

    private async Task<JsonObject> PostAsync(string path, JsonNode body, CancellationToken cancellationToken)
    {
        using var content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        using var response = await client.PostAsync(new Uri(path, UriKind.Relative), content, cancellationToken);
        var text = await response.Content.ReadAsStringAsync(cancellationToken);
        return response.IsSuccessStatusCode && JsonNode.Parse(text) is JsonObject answer
            ? answer
            : throw new GyreException(ErrorCode.Internal, $"the server refused the demo's request: {text}");
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
