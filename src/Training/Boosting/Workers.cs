using System.Runtime.ExceptionServices;

namespace Gyre.Training.Boosting;

/// <summary>Runs numbered parts of a piece of work on up to a number of threads.</summary>
internal sealed class Workers(int threads)
{
    private readonly ParallelOptions _options = new() { MaxDegreeOfParallelism = threads };

    public int Threads => threads;

    /// <summary>Calls <paramref name="part"/> with 0 to <paramref name="parts"/> − 1 and waits for all.</summary>
    public void Run(int parts, Action<int> part)
    {
        if (parts == 1 || threads == 1)
        {
            for (var i = 0; i < parts; i++) part(i);
            return;
        }

        try
        {
            Parallel.For(0, parts, _options, part);
        }
        catch (AggregateException wrapped)
        {
            // A caller sees what one thread would have thrown, above all a plain cancellation.
            ExceptionDispatchInfo.Throw(wrapped.InnerExceptions[0]);
        }
    }

    /// <summary>Cuts 0 to <paramref name="count"/> into one run per thread, or one in all when it is below
    /// <paramref name="least"/>.</summary>
    public void RunRanges(int count, int least, Action<int, int> range)
    {
        var parts = count < least ? 1 : threads;
        Run(parts, p => range((int)((long)count * p / parts), (int)((long)count * (p + 1) / parts)));
    }
}
