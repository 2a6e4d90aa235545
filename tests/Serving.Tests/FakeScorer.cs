using System.Collections.Immutable;
using Gyre.Serving.Engine;
using Gyre.Serving.Requests;
using Gyre.Serving.Slots;
using Gyre.Tabular;

namespace Gyre.Serving.Tests;

/// <summary>Predicts <c>temp × 2 + offset</c>; can be made to wait and says when it is disposed.</summary>
internal sealed class FakeScorer : IScorer
{
    private int _scoring;

    public static readonly Schema Columns = new(
    [
        new ColumnDefinition("temp", ColumnType.Numeric, Nullable: false),
        new ColumnDefinition("hour", ColumnType.Integer, Nullable: false),
        new ColumnDefinition("holiday", ColumnType.Boolean),
        new ColumnDefinition("weather", ColumnType.Categorical),
        new ColumnDefinition("at", ColumnType.Timestamp),
    ]);

    /// <summary>A row that fits.</summary>
    public const string Row =
        """{"temp":10.5,"hour":3,"holiday":false,"weather":"clear","at":"2012-01-01T00:00:00Z"}""";

    public double Offset { get; init; }

    public long SizeBytes { get; init; }

    public ManualResetEventSlim? Gate { get; init; }

    /// <summary>Whether a request is being scored now.</summary>
    public bool IsScoring => Volatile.Read(ref _scoring) > 0;

    public bool IsDisposed { get; private set; }

    /// <summary>Whether a request was still being scored at the time of disposal, or came after it.</summary>
    public bool WasMisused { get; private set; }

    public Schema Inputs => Columns;

    public ClassLabels? Labels { get; init; }

    public ImmutableArray<OutputTensor> Outputs => Labels is null
        ? [new OutputTensor(OutputTensor.Prediction, TensorDatatype.Float32, 1)]
        :
        [
            new OutputTensor(OutputTensor.Label, Labels.Datatype, 0),
            new OutputTensor(OutputTensor.Probabilities, TensorDatatype.Float32, Labels.Names.Length),
        ];

    public ModelOutputs Score(ModelInputs inputs)
    {
        var rows = ((TableInputs)inputs).Table;
        Interlocked.Increment(ref _scoring);
        WasMisused |= IsDisposed;
        try
        {
            Gate?.Wait();
            var temp = ((Column<double>)rows["temp"]).Values;
            if (Labels is null)
            {
                var values = new float[rows.RowCount];
                for (var i = 0; i < values.Length; i++) values[i] = (float)(temp[i] * 2 + Offset);
                return new NumberOutputs(values);
            }

            var predicted = new int[rows.RowCount];
            var probabilities = new float[rows.RowCount * Labels.Names.Length];
            for (var i = 0; i < predicted.Length; i++)
            {
                predicted[i] = temp[i] > 0 ? 1 : 0;
                probabilities[i * Labels.Names.Length + predicted[i]] = 1;
            }

            return new ClassOutputs(Labels, predicted, probabilities);
        }
        finally
        {
            WasMisused |= IsDisposed;
            Interlocked.Decrement(ref _scoring);
        }
    }

    public void Dispose()
    {
        WasMisused |= Volatile.Read(ref _scoring) > 0 || IsDisposed;
        IsDisposed = true;
    }
}
