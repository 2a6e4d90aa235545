using System.Collections.Immutable;
using Gyre.Models.Export;
using Gyre.OnnxRuntime;
using Gyre.Tabular;
using Gyre.Training;

namespace Gyre.Models.Scoring;

/// <summary>Runs a recommender's graph over rows of a table. Thread-safe.</summary>
internal sealed class ListScoring(
    InferenceSession session, ImmutableArray<InputColumn> columns, RecommenderProperties recommender)
{
    /// <summary>The bytes of scores that a batch may take in the engine: 24 for each row and item.</summary>
    private const long BatchBytes = 64L << 20;

    private readonly int _batchRows = (int)Math.Clamp(BatchBytes / (24L * (recommender.Items + 1)), 1, 4096);

    /// <summary>The lists of some rows.</summary>
    public Recommendations Recommend(Table table, int start, int rows)
    {
        var items = new string[rows * recommender.Top];
        var scores = new float[items.Length];
        var ratings = recommender.Ratings ? new float[rows] : null;
        for (var at = 0; at < rows; at += _batchRows)
        {
            var count = Math.Min(_batchRows, rows - at);
            Run(BatchInputs.Create(columns, table, start + at, count), at, count, items, scores, ratings);
        }

        return new Recommendations(recommender.Top, items, scores, ratings);
    }

    private void Run(Tensor[] inputs, int at, int count, string[] items, float[] scores, float[]? ratings)
    {
        var top = recommender.Top;
        var outputs = new Tensor?[session.Outputs.Length];
        try
        {
            for (var i = 0; i < outputs.Length; i++)
            {
                outputs[i] = session.Outputs[i].Name switch
                {
                    RecommenderExport.Scores => Tensor.Over(scores.AsMemory(at * top, count * top), count, top),
                    OutputWriter.Prediction => Tensor.Over(ratings.AsMemory(at, count), count, 1),
                    _ => null, // the engine makes strings
                };
            }

            session.Run(inputs, outputs);
            var names = Array.FindIndex([.. session.Outputs], o => o.Name == RecommenderExport.Items);
            outputs[names]!.GetStrings().CopyTo(items, at * top); // filled by Run
        }
        finally
        {
            foreach (var tensor in inputs) tensor.Dispose();
            foreach (var tensor in outputs) tensor?.Dispose();
        }
    }
}
