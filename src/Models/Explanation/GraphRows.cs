using System.Collections.Immutable;
using Gyre.Models.Scoring;
using Gyre.OnnxRuntime;
using Gyre.Primitives;
using Gyre.Tabular;

namespace Gyre.Models.Explanation;

/// <summary>An explanation's graph: raw columns to a matrix, a batch of rows at a time. Thread-safe until
/// disposed.</summary>
internal sealed class GraphRows : IDisposable
{
    private const int BatchRows = 64;

    private readonly InferenceSession _session;
    private readonly int _size;

    private GraphRows(InferenceSession session, int width, int size) =>
        (_session, Width, _size) = (session, width, size);

    /// <summary>The columns of the matrix.</summary>
    public int Width { get; }

    /// <summary>The model's own properties, in the graph's metadata.</summary>
    public Func<string, string?> Metadata => _session.Metadata;

    /// <summary>The memory it takes, in bytes: the engine holds the weights beside the graph.</summary>
    public long SizeBytes => (3L * _size) + (1 << 20);

    /// <exception cref="GyreException">The graph cannot be run, or gives no matrix.</exception>
    public static GraphRows Open(byte[] graph, string place)
    {
        InferenceSession session;
        try
        {
            session = InferenceSession.FromBytes(graph);
        }
        catch (OnnxRuntimeException error)
        {
            throw new GyreException(error.Code, $"{place}: {error.Message}", error);
        }

        if (session.Outputs is [{ Shape: [_, > 0 and var width] }])
            return new GraphRows(session, (int)width, graph.Length);
        session.Dispose();
        throw GyreException.Invalid($"{place}: the graph gives no matrix.");
    }

    /// <summary>Computes the matrix of a table's rows.</summary>
    /// <param name="columns">The graph's inputs.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="take">Given the first row of a batch, its rows, and their part of the matrix, row-major.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    /// <exception cref="GyreException">A column is absent, of another type, or misses a value that the model
    /// needs.</exception>
    public void Run<T>(
        ImmutableArray<InputColumn> columns, Table rows, Action<int, int, T[]> take,
        CancellationToken cancellationToken)
        where T : unmanaged
    {
        var matrix = new T[Math.Min(BatchRows, rows.RowCount) * Width];
        for (var start = 0; start < rows.RowCount; start += BatchRows)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var count = Math.Min(BatchRows, rows.RowCount - start);
            var inputs = BatchInputs.Create(columns, rows, start, count);
            try
            {
                using var output = Tensor.Over(matrix.AsMemory(0, count * Width), count, Width);
                _session.Run(inputs, new Tensor?[] { output });
            }
            finally
            {
                foreach (var input in inputs) input.Dispose();
            }

            take(start, count, matrix);
        }
    }

    public void Dispose() => _session.Dispose();
}
