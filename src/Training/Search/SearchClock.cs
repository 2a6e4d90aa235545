namespace Gyre.Training.Search;

/// <summary>The time that a search has used and may still use.</summary>
internal sealed class SearchClock(TimeProvider time, TimeSpan? budget, double earlierSeconds)
{
    private readonly long _began = time.GetTimestamp();

    public double Used => earlierSeconds + time.GetElapsedTime(_began).TotalSeconds;

    /// <summary>Seconds; null when there is no budget.</summary>
    public double? Budget => budget?.TotalSeconds;

    /// <summary>Seconds left; null when there is no budget.</summary>
    public double? Left => Budget - Used;

    /// <summary>A token that is cancelled with another, or once some seconds are over; null never ends it.</summary>
    public Limit Within(double? seconds, CancellationToken cancellationToken) => new(time, seconds, cancellationToken);

    internal sealed class Limit : IDisposable
    {
        private readonly CancellationTokenSource? _timer;
        private readonly CancellationTokenSource _linked;

        public Limit(TimeProvider time, double? seconds, CancellationToken cancellationToken)
        {
            _timer = seconds is { } s && s < 1e6
                ? new CancellationTokenSource(TimeSpan.FromSeconds(Math.Max(s, 0)), time) : null;
            _linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _timer?.Token ?? default);
        }

        public CancellationToken Token => _linked.Token;

        public void Dispose()
        {
            _linked.Dispose();
            _timer?.Dispose();
        }
    }
}
