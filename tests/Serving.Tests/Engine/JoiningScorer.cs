using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Gyre.Primitives;
using Gyre.Serving.Engine;
using Gyre.Serving.Requests;
using Gyre.Serving.Slots;
using Gyre.Tabular;

namespace Gyre.Serving.Tests.Engine;

/// <summary>Predicts <c>temp × 2</c>, joins requests, and tells the rows of each run.</summary>
internal sealed class JoiningScorer : IScorer
{
    public ConcurrentQueue<int> Runs { get; } = new();

    public ManualResetEventSlim? Gate { get; init; }

    /// <summary>A value that makes its run fail.</summary>
    public double? Poison { get; init; }

    public Schema Inputs { get; } = new([new ColumnDefinition("temp", ColumnType.Numeric)]);

    public ClassLabels? Labels => null;

    public ImmutableArray<OutputTensor> Outputs => [new(OutputTensor.Prediction, TensorDatatype.Float32, 1)];

    public bool CanJoin => true;

    public ModelOutputs Score(ModelInputs inputs) => ScoreJoined([inputs])[0];

    public ModelOutputs[] ScoreJoined(IReadOnlyList<ModelInputs> requests)
    {
        Runs.Enqueue(requests.Sum(request => request.Rows));
        Gate?.Wait();
        return [.. requests.Select(request =>
        {
            var values = ((Column<double>)((TableInputs)request).Table["temp"]).Values.ToArray();
            if (Poison is { } poison && values.Contains(poison)) throw GyreException.Invalid("poison");
            return new NumberOutputs(values.Select(value => (float)(2 * value)).ToArray());
        })];
    }

    /// <summary>A row's prediction as JSON.</summary>
    public static string Text(ModelOutputs outputs, int row)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer)) outputs.WriteRow(json, row);
        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    public void Dispose()
    {
    }
}
