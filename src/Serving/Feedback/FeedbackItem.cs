namespace Gyre.Serving.Feedback;

/// <summary>What became of a feedback item.</summary>
internal enum FeedbackStatus
{
    /// <summary>Committed.</summary>
    Accepted,

    /// <summary>No prediction of this model has the id.</summary>
    Unknown,

    /// <summary>The prediction is not in the sample that the log keeps of this model.</summary>
    Unsampled,

    /// <summary>The item is not of the right form.</summary>
    Invalid,
}

/// <summary>The truth about one prediction, as a client reports it.</summary>
/// <param name="PredictionId">The prediction; empty when the client gave none.</param>
/// <param name="Actual">
/// The truth as a JSON scalar; null when <paramref name="Problem"/> says why it is not usable.
/// </param>
/// <param name="Problem">What is wrong with the item, or null.</param>
internal sealed record FeedbackItem(string PredictionId, string? Actual, string? Problem);
