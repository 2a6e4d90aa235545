using System.Buffers;
using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Diagnostics;
using System.Runtime.ExceptionServices;
using Gyre.Models.Export;
using Gyre.Models.Scoring;
using Gyre.OnnxRuntime;
using Gyre.Primitives;
using Gyre.Tabular;
using Gyre.Training;

namespace Gyre.Models;

/// <summary>
/// A model loaded for prediction. <see cref="Score(Table)"/> may be called from any number of threads at once; each call runs
/// on
/// its caller's thread. A disposal lets running calls finish.
/// </summary>
public sealed class ModelScorer : IDisposable
{
    /// <summary>A batch's masks of leaves (see <see cref="MaskEnsemble"/>) are to stay in the cache.</summary>
    private const int BatchRows = 256;

    /// <summary>With many classes the engine runs hundreds of nodes a batch, whose fixed cost more rows share.</summary>
    private const int ManyClassesBatchRows = 1024;

    private const int ManyClasses = 10;

    /// <summary>Counts of terms are a dense matrix for a moment: 64 rows of 300,000 terms are 77 MB.</summary>
    private const int TextBatchRows = 64;

    /// <summary>A convolution's results are many times as large as the images.</summary>
    private const int BatchImages = 64;

    private readonly InferenceSession _session;
    private readonly ImmutableArray<InputColumn> _columns;
    private readonly ConcurrentQueue<RowBuffers> _rows = new();
    private readonly ConcurrentQueue<JoinedRows> _joined = new();
    private readonly RecommenderProperties? _recommender;
    private readonly ListScoring? _lists;
    private volatile bool _disposed;

    private ModelScorer(InferenceSession session, long size, string place)
    {
        _session = session;
        var properties = ModelProperties.Read(session.Metadata, place);
        (Task, Classes, Inputs) = (properties.Task, properties.Classes, properties.Inputs);
        (TargetName, TargetType, SizeBytes) = (properties.TargetName, properties.TargetType, size);
        Signature = ModelSignature.Of(properties);
        Threshold = properties.Threshold;
        _columns = [.. Inputs.Select(c => new InputColumn(c))];
        _recommender = properties.Recommender;
        if (_recommender is not null) _lists = new ListScoring(session, _columns, _recommender);
        if (session.Outputs.Length != Signature.Outputs.Length - (Task.HasClasses() ? 1 : 0))
            throw GyreException.Invalid($"{place}: the model was not made by Gyre.");
        RefuseOtherInputs(place);
    }

    /// <summary>The raw columns that the model reads, in the order of its inputs.</summary>
    public Schema Inputs { get; }

    /// <summary>What it predicts.</summary>
    public TaskKind Task { get; }

    /// <summary>The classes in output order; [negative, positive] for binary tasks; empty for regression.</summary>
    public ImmutableArray<string> Classes { get; }

    /// <summary>The column that it predicts.</summary>
    public string TargetName { get; }

    /// <summary>The type of that column, which labels have.</summary>
    public ColumnType TargetType { get; }

    /// <summary>The probability from which on the graph's label of a binary task is the positive class.</summary>
    public double Threshold { get; }

    /// <summary>Inputs and outputs in MLflow's terms.</summary>
    public ModelSignature Signature { get; }

    /// <summary>The size of the model file in bytes.</summary>
    public long SizeBytes { get; }

    /// <summary>Of a recommender, the length of a list; null for other models.</summary>
    public int? Top => _recommender?.Top;

    /// <summary>
    /// Of a recommender that predicts ratings, the column of the item to be rated, which may be missing; null for other models.
    /// </summary>
    public string? RatedItem => _recommender is { Ratings: true } recommender ? recommender.Item : null;

    /// <summary>
    /// The columns of a table that scores are compared with what happened by: those of <see cref="Inputs"/>, and of a
    /// recommender the item's, whose place in the list is then looked up.
    /// </summary>
    public Table ComparableRows(Table table)
    {
        ArgumentNullException.ThrowIfNull(table);
        var names = Inputs.Select(c => c.Name);
        if (_recommender is { } recommender && table.Schema.Contains(recommender.Item)) names = names.Append(recommender.Item);
        return table.Select(names.Distinct());
    }

    /// <summary>
    /// How many rows of a table are scored at a time. Tables cut at multiples of it score bit for bit as one table does.
    /// </summary>
    public int RowsAtATime => _columns.Any(c => c.Image is not null) ? BatchImages
        : Width >= ManyClasses ? ManyClassesBatchRows
        : BatchRows;

    private int Width => Task.HasClasses() ? Classes.Length : 1;

    /// <summary>Loads a model that <see cref="OnnxExporter"/> wrote.</summary>
    /// <param name="packageFolderOrOnnxFile">A package folder with `model.onnx` in it, or the file itself.</param>
    /// <exception cref="GyreException">It is absent, cannot be run, or is no model of Gyre.</exception>
    public static ModelScorer Load(string packageFolderOrOnnxFile)
    {
        var path = Directory.Exists(packageFolderOrOnnxFile)
            ? Path.Combine(packageFolderOrOnnxFile, ModelPackage.ModelFile)
            : packageFolderOrOnnxFile;
        try
        {
            return Read(path);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new GyreException(ErrorCode.NotFound, $"{path}: there is no model.", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new GyreException(
                ErrorCode.Unavailable, $"{path}: the model cannot be read ({error.Message})", error);
        }
    }

    // In a pooled buffer: a server that loads versions all day must not leave megabytes to the collector each time.
    private static ModelScorer Read(string path)
    {
        using var file = File.OpenHandle(path);
        var length = checked((int)RandomAccess.GetLength(file));
        var buffer = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            var filled = 0;
            while (filled < length && RandomAccess.Read(file, buffer.AsSpan(filled, length - filled), filled) is var read and > 0)
                filled += read;
            return Create(buffer.AsSpan(0, filled), path);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Loads a model from its bytes, such as <see cref="OnnxExporter.Export"/> gives.</summary>
    /// <exception cref="GyreException">It cannot be run, or is no model of Gyre.</exception>
    public static ModelScorer FromBytes(ReadOnlySpan<byte> onnx) => Create(onnx, "model");

    /// <summary>Predicts every row of a table.</summary>
    /// <param name="rows">Has the columns of <see cref="Inputs"/>, in any order; others are ignored.</param>
    /// <exception cref="GyreException">A column is absent, of another type, or misses a value that the model
    /// needs.</exception>
    /// <exception cref="ObjectDisposedException">The scorer is disposed.</exception>
    public Scores Score(Table rows) => Score(rows, threads: 1);

    /// <summary>Predicts every row of a table on up to a number of threads; the scores do not depend on it.</summary>
    /// <param name="rows">Has the columns of <see cref="Inputs"/>, in any order; others are ignored.</param>
    /// <param name="threads">At least 1; 1 stays on the caller's thread.</param>
    /// <exception cref="GyreException">A column is absent, of another type, or misses a value that the model
    /// needs.</exception>
    /// <exception cref="ObjectDisposedException">The scorer is disposed.</exception>
    public Scores Score(Table rows, int threads)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_lists is not null && _recommender is { } recommender)
        {
            var lists = _lists.Recommend(rows, 0, rows.RowCount);
            return new Scores(lists, lists.ToPredictions(rows, recommender.User, recommender.Item));
        }

        var outputs = new float[rows.RowCount * Width];
        if (rows.RowCount == 1) ScoreRow(rows, 0, outputs);
        else ScoreBatches(rows, outputs, threads);
        return new Scores(ToPredictions(outputs), Classes, outputs, Width);
    }

    /// <summary>
    /// Whether rows of several tables can be predicted in one run of the graph: not images, whose batch costs as much as
    /// its rows do one by one, and not lists.
    /// </summary>
    public bool CanJoin => _lists is null && !_columns.Any(c => c.Image is not null);

    /// <summary>The number of a row's <see cref="Scores.Outputs"/>.</summary>
    public int OutputWidth => Width;

    /// <summary>The class that a row's <see cref="Scores.Outputs"/> mean, as in the graph's `label` output.</summary>
    /// <param name="outputs">Of one row, one probability per class.</param>
    /// <returns>A position in <see cref="Classes"/>.</returns>
    public int ClassAt(ReadOnlySpan<float> outputs)
    {
        if (Task == TaskKind.Binary) return outputs[1] >= Threshold ? 1 : 0;
        var best = 0;
        for (var k = 1; k < outputs.Length; k++)
        {
            if (outputs[k] > outputs[best]) best = k;
        }

        return best;
    }

    /// <summary>
    /// Predicts the rows of several tables in one run of the graph; each row's outputs are the bits that
    /// <see cref="Score(Table)"/> gives for it.
    /// </summary>
    /// <param name="tables">As in <see cref="Score(Table)"/>; their rows follow each other.</param>
    /// <param name="outputs">Row-major, rows × <see cref="OutputWidth"/>, as <see cref="Scores.Outputs"/>.</param>
    /// <exception cref="InvalidOperationException">The model does not allow it: see <see cref="CanJoin"/>.</exception>
    /// <exception cref="GyreException">A column does not fit, as in <see cref="Score(Table)"/>.</exception>
    /// <exception cref="ObjectDisposedException">The scorer is disposed.</exception>
    public void ScoreJoined(ReadOnlySpan<Table> tables, Memory<float> outputs)
    {
        if (!CanJoin) throw new InvalidOperationException("The rows of this model's requests are not joined.");
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (!_joined.TryDequeue(out var rows)) rows = new JoinedRows(_columns);
        try
        {
            rows.Run(_session, tables, outputs, Width);
        }
        finally
        {
            _joined.Enqueue(rows);
        }
    }

    /// <summary>
    /// The time of predicting single rows, one call after the other, from the table's columns to the output, after a
    /// warm-up.
    /// </summary>
    /// <param name="rows">Rows to take turns; at least one.</param>
    /// <param name="repeats">How many predictions are timed, at least 1.</param>
    /// <exception cref="GyreException">A column does not fit, as in <see cref="Score(Table)"/>.</exception>
    public LatencyReport MeasureLatency(Table rows, int repeats = 1000)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentOutOfRangeException.ThrowIfLessThan(repeats, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(rows.RowCount, 1, nameof(rows));
        var output = new float[Width];
        for (var i = 0; i < Math.Min(repeats, 100); i++) ScoreRow(rows, i % rows.RowCount, output);
        var ticks = new long[repeats];
        for (var i = 0; i < repeats; i++)
        {
            var start = Stopwatch.GetTimestamp();
            ScoreRow(rows, i % rows.RowCount, output);
            ticks[i] = Stopwatch.GetTimestamp() - start;
        }

        return LatencyReport.Of(ticks);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _disposed = true;
        _session.Dispose();
        while (_rows.TryDequeue(out var buffers)) buffers.Dispose();
    }

    private static ModelScorer Create(ReadOnlySpan<byte> onnx, string place)
    {
        var session = Open(onnx, place);
        try
        {
            return new ModelScorer(session, onnx.Length, place);
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <summary>The label follows from the probabilities; fetching it would only make strings.</summary>
    private static InferenceSession Open(ReadOnlySpan<byte> onnx, string place)
    {
        try
        {
            return InferenceSession.FromBytes(onnx, new SessionOptions
            {
                FetchOutput = name => name != OutputWriter.Label,
            });
        }
        catch (OnnxRuntimeException error)
        {
            throw new GyreException(error.Code, $"{place}: {error.Message}", error);
        }
    }

    private void RefuseOtherInputs(string place)
    {
        var same = _session.Inputs.Length == Inputs.Count
            && _session.Inputs.Zip(Inputs, _columns).All(
                i => i.First.Name == i.Second.Name && i.First.ElementType == i.Third.Kind);
        if (!same) throw GyreException.Invalid($"{place}: the graph's inputs are not those that its properties tell.");
    }

    private void ScoreRow(Table rows, int row, Span<float> output)
    {
        if (_lists is not null)
        {
            _lists.Recommend(rows, row, 1);
            return;
        }

        if (!_rows.TryDequeue(out var buffers)) buffers = new RowBuffers(_columns, Width);
        try
        {
            buffers.Run(_session, rows, row).CopyTo(output);
        }
        finally
        {
            _rows.Enqueue(buffers);
            if (_disposed) Dispose();
        }
    }

    private void ScoreBatches(Table rows, float[] outputs, int threads)
    {
        var batchRows = RowsAtATime;
        var batches = (rows.RowCount + batchRows - 1) / batchRows;
        if (threads == 1 || batches == 1)
        {
            for (var batch = 0; batch < batches; batch++) ScoreBatch(rows, batch * batchRows, batchRows, outputs);
            return;
        }

        try
        {
            Parallel.For(0, batches, new ParallelOptions { MaxDegreeOfParallelism = threads },
                batch => ScoreBatch(rows, batch * batchRows, batchRows, outputs));
        }
        catch (AggregateException several)
        {
            ExceptionDispatchInfo.Throw(several.InnerExceptions[0]); // as one thread would have thrown it
        }
    }

    private void ScoreBatch(Table rows, int start, int most, float[] outputs)
    {
        var count = Math.Min(most, rows.RowCount - start);
        var inputs = BatchInputs.Create(_columns, rows, start, count);
        try
        {
            using var output = Tensor.Over(outputs.AsMemory(start * Width, count * Width), count, Width);
            _session.Run(inputs, new Tensor?[] { output });
        }
        finally
        {
            foreach (var input in inputs) input.Dispose();
        }
    }

    private Predictions ToPredictions(float[] outputs)
    {
        if (Task != TaskKind.Binary) return new Predictions(Task, Width, Array.ConvertAll(outputs, v => (double)v));
        var positive = new double[outputs.Length / 2];
        for (var i = 0; i < positive.Length; i++) positive[i] = outputs[(2 * i) + 1];
        return new Predictions(Task, 1, positive) { Threshold = Threshold };
    }
}
