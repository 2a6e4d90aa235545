using Gyre.Data;

namespace Gyre.Loop.BatchScoring;

/// <summary>How much is on the way at a time.</summary>
internal static class BatchUnits
{
    /// <summary>What the engine that reads may hold before it spills, in megabytes.</summary>
    private const long EngineMegabytes = 256;

    private const int MostRows = 8192;
    private const int Values = 1 << 20;
    private const long TextBytes = 2 << 20;

    /// <summary>
    /// Units of whole steps, a step being what the model scores at a time: the same rows are always scored together, also by
    /// a run that goes on where another ended.
    /// </summary>
    public static RowStreamOptions Of(BatchRequest request, IRowScorer scorer)
    {
        var step = scorer.RowsAtATime;
        var most = MostRows / step * step;
        return new RowStreamOptions(scorer.Inputs)
        {
            Keep = request.Keep, Optional = scorer.Optional, Limit = request.Limit,
            UnitRows = Math.Clamp(Values / Math.Max(scorer.Inputs.Count, 1) / step * step, step, most),
            StepRows = step, UnitBytes = TextBytes,
            Engine = new SqlEngineOptions { Threads = request.Threads, MemoryLimitMb = EngineMegabytes },
        };
    }
}
