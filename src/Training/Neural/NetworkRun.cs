using Gyre.Numerics;
using Gyre.Primitives;
using Gyre.Tabular;
using Gyre.Training.Boosting;

namespace Gyre.Training.Neural;

/// <summary>
/// Trains a network by mini-batches: the rows of a batch are shared between threads, each adds up its own derivatives,
/// and these are added in the threads' order, so that a thread count gives one result. Keeps the parameters of the
/// epoch that was best on the watched rows.
/// </summary>
internal sealed class NetworkRun
{
    /// <summary>Fewer rows are not parted for early stopping: the few set aside would say nothing.</summary>
    private const int LeastRowsToHoldOut = 100;

    private const int EvaluatedRows = 64;

    /// <summary>The least multiplications of a batch that are worth a thread.</summary>
    private const long WorkOfAThread = 1_000_000;

    private readonly Network _network;
    private readonly NetworkSchedule _schedule;
    private readonly TrainingContext _context;
    private readonly string _trainer;
    private readonly Workers _workers;
    private readonly NetworkBuffers[] _buffers;
    private readonly float[][] _slopes;
    private readonly float[] _first;
    private readonly float[] _second;
    private readonly float[] _parameters;
    private int _steps;

    public NetworkRun(Network network, NetworkSchedule schedule, string trainer, TrainingContext context)
    {
        (_network, _schedule, _trainer, _context) = (network, schedule, trainer, context);
        var useful = schedule.BatchRows * network.Layers.Sum(l => l.Work) / WorkOfAThread;
        var threads = (int)Math.Clamp(useful, 1, Math.Min(context.Threads, schedule.BatchRows));
        _workers = new Workers(threads);
        var share = (schedule.BatchRows + threads - 1) / threads;
        _buffers = [.. Enumerable.Range(0, threads)
            .Select(_ => new NetworkBuffers(network, Math.Max(share, EvaluatedRows), forTraining: true))];
        _slopes = [.. Enumerable.Range(0, threads).Select(_ => new float[network.Parameters])];
        _parameters = network.Initialize(SeededRandom.ForStream(context.Seed, 1));
        (_first, _second) = (new float[network.Parameters], new float[network.Parameters]);
    }

    /// <summary>Trains and returns the best parameters, and after how many epochs they were.</summary>
    public (float[] Parameters, int Epochs) Train(LabelledRows train, LabelledRows? validation, int[]? watched)
    {
        var seen = watched is null
            ? Enumerable.Range(0, train.Inputs.Rows).ToArray()
            : Enumerable.Range(0, train.Inputs.Rows).Except(watched).ToArray();
        var judge = validation ?? (watched is null ? null : train);
        var judged = validation is null ? watched ?? [] : [.. Enumerable.Range(0, validation.Inputs.Rows)];
        var order = SeededRandom.ForStream(_context.Seed, 2);
        var steps = (long)_schedule.Epochs * ((seen.Length + _schedule.BatchRows - 1) / _schedule.BatchRows);
        var best = (Loss: double.PositiveInfinity, Epoch: 0, Parameters: _parameters);
        for (var epoch = 1; epoch <= _schedule.Epochs; epoch++)
        {
            order.Shuffle(seen.AsSpan());
            var loss = 0.0;
            for (var start = 0; start < seen.Length; start += _schedule.BatchRows)
            {
                var rows = seen.AsMemory(start, Math.Min(_schedule.BatchRows, seen.Length - start));
                loss += Step(train, rows, steps);
            }

            loss = judge is null ? loss / seen.Length : Evaluate(judge, judged);
            if (!double.IsFinite(loss))
            {
                throw GyreException.Invalid(
                    $"Training '{_trainer}' diverged in epoch {epoch}: the loss is no finite number. "
                    + "Take a smaller learning_rate.");
            }

            _context.Progress?.Report(new TrainingProgress(_trainer, epoch, _schedule.Epochs, loss));
            if (judge is null) continue;
            if (loss < best.Loss) best = (loss, epoch, [.. _parameters]);
            else if (_schedule.Patience > 0 && epoch - best.Epoch >= _schedule.Patience) break;
        }

        return (best.Parameters, judge is null ? _schedule.Epochs : best.Epoch);
    }

    /// <summary>The rows to set aside for early stopping, or null.</summary>
    public static int[]? Watched(TrainingSet set, NetworkSchedule schedule, ulong seed) =>
        schedule is { ValidationShare: > 0, Patience: > 0 } && set.RowCount >= LeastRowsToHoldOut
            ? Splitter.Watched(set, schedule.ValidationShare, seed).Test
            : null;

    // Returns the sum of the rows' losses before the step.
    private double Step(LabelledRows train, ReadOnlyMemory<int> rows, long steps)
    {
        var parts = Math.Min(_workers.Threads, rows.Length);
        var losses = new double[parts];
        var step = _steps++;
        _workers.Run(parts, part =>
        {
            _context.CancellationToken.ThrowIfCancellationRequested();
            var own = rows.Span[(rows.Length * part / parts)..(rows.Length * (part + 1) / parts)];
            losses[part] = Differentiate(train, own, part, 1.0 / rows.Length,
                SeededRandom.ForStream(_context.Seed, 16 + ((ulong)step * (ulong)_workers.Threads) + (ulong)part));
        });
        var rate = _schedule.RateAt(step, steps);
        _workers.RunRanges(_network.Parameters, 20_000, (from, to) => Update(from, to, parts, rate));
        return losses.Sum();
    }

    private double Differentiate(
        LabelledRows train, ReadOnlySpan<int> rows, int part, double scale, SeededRandom chance)
    {
        var buffers = _buffers[part];
        var slopes = _slopes[part].AsSpan();
        var inputs = buffers.Values(0, rows.Length);
        for (var i = 0; i < rows.Length; i++)
            train.Inputs.Fill(rows[i], inputs.Slice(i * _network.Inputs, _network.Inputs), chance);
        var scores = _network.Forward(_parameters, buffers, rows.Length, chance);
        var by = buffers.Slopes(_network.Layers.Length, rows.Length);
        var outputs = _network.Outputs;
        var loss = 0.0;
        for (var i = 0; i < rows.Length; i++)
        {
            var weight = train.WeightOf(rows[i]);
            loss += weight * NetworkLoss.Of(
                train.Task, scores.Slice(i * outputs, outputs), train.Targets[rows[i]], by.Slice(i * outputs, outputs),
                weight * scale);
        }

        slopes.Clear();
        _network.Backward(_parameters, buffers, rows.Length, slopes);
        return loss;
    }

    private void Update(int from, int to, int parts, double rate)
    {
        var sum = _slopes[0].AsSpan(from..to);
        for (var part = 1; part < parts; part++) Activation.AddColumns(_slopes[part].AsSpan(from..to), sum);
        for (var i = 0; i < _network.Layers.Length; i++)
        {
            var start = _network.Of(i).Start.Value;
            var biases = start + _network.Layers[i].Weights;
            Adam(Math.Max(from, start), Math.Min(to, biases), _schedule.WeightDecay);
            Adam(Math.Max(from, biases), Math.Min(to, _network.Of(i).End.Value), 0);
        }

        void Adam(int start, int end, double decay)
        {
            if (start >= end) return;
            AdamStep.Apply(
                _parameters.AsSpan(start..end), _slopes[0].AsSpan(start..end), _first.AsSpan(start..end),
                _second.AsSpan(start..end), _steps, rate, decay);
        }
    }

    private double Evaluate(LabelledRows set, int[] rows)
    {
        var chunks = (rows.Length + EvaluatedRows - 1) / EvaluatedRows;
        var (losses, weights) = (new double[chunks], new double[chunks]);
        var parts = Math.Min(_workers.Threads, chunks);
        _workers.Run(parts, part =>
        {
            for (var chunk = part; chunk < chunks; chunk += parts)
            {
                _context.CancellationToken.ThrowIfCancellationRequested();
                var own = rows.AsSpan(chunk * EvaluatedRows, Math.Min(EvaluatedRows, rows.Length - (chunk * EvaluatedRows)));
                (losses[chunk], weights[chunk]) = EvaluateChunk(set, own, _buffers[part]);
            }
        });
        return weights.Sum() is var sum and > 0 ? losses.Sum() / sum : 0;
    }

    private (double Loss, double Weight) EvaluateChunk(LabelledRows set, ReadOnlySpan<int> rows, NetworkBuffers buffers)
    {
        var inputs = buffers.Values(0, rows.Length);
        for (var i = 0; i < rows.Length; i++)
            set.Inputs.Fill(rows[i], inputs.Slice(i * _network.Inputs, _network.Inputs), null);
        var scores = _network.Forward(_parameters, buffers, rows.Length, null);
        var (loss, weights) = (0.0, 0.0);
        for (var i = 0; i < rows.Length; i++)
        {
            var weight = set.WeightOf(rows[i]);
            weights += weight;
            loss += weight * NetworkLoss.Of(
                set.Task, scores.Slice(i * _network.Outputs, _network.Outputs), set.Targets[rows[i]], default, 0);
        }

        return (loss, weights);
    }
}

/// <summary>Rows with what a network shall say of them.</summary>
/// <param name="Inputs">The rows.</param>
/// <param name="Task">What is predicted.</param>
/// <param name="Targets">One per row.</param>
/// <param name="Weights">One per row, 1 on average; empty when each counts as one.</param>
internal sealed record LabelledRows(InputRows Inputs, TaskKind Task, float[] Targets, double[] Weights)
{
    public double WeightOf(int row) => Weights.Length == 0 ? 1 : Weights[row];
}
