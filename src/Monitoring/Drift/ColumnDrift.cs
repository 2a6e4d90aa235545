namespace Gyre.Monitoring;

/// <summary>How far a column of a window has moved from the reference.</summary>
/// <param name="Name">The column.</param>
/// <param name="Rows">The window's rows.</param>
/// <param name="Psi">
/// The population stability index over the reference's bins, one bucket for missing values and, for categories, one for
/// those that are new.
/// </param>
/// <param name="PsiExpected">
/// What <paramref name="Psi"/> would be on average without drift at this number of rows.
/// </param>
/// <param name="PsiLimit">What it would exceed without drift once in a thousand times.</param>
/// <param name="Wasserstein">
/// The Wasserstein-1 distance of the values over the reference's standard deviation; null for categories, for a window
/// without values, and for a constant reference.
/// </param>
/// <param name="WassersteinExpected">What <paramref name="Wasserstein"/> would be on average without drift.</param>
/// <param name="MissingShare">The share of rows without a value, 0 to 1.</param>
/// <param name="ReferenceMissingShare">The same in the reference.</param>
/// <param name="UnseenShare">The share of rows whose category the reference does not name; 0 for numbers.</param>
/// <param name="Mean">The mean of the values; null for categories and without values.</param>
/// <param name="ReferenceMean">The same in the reference.</param>
/// <param name="IsSufficient">Whether the window has enough rows to conclude anything.</param>
public sealed record ColumnDrift(
    string Name,
    int Rows,
    double Psi,
    double PsiExpected,
    double PsiLimit,
    double? Wasserstein,
    double? WassersteinExpected,
    double MissingShare,
    double ReferenceMissingShare,
    double UnseenShare,
    double? Mean,
    double? ReferenceMean,
    bool IsSufficient)
{
    /// <summary>
    /// The index without its bias from the window's size: <see cref="Psi"/> − <see cref="PsiExpected"/>, at least 0.
    /// What
    /// thresholds are compared with.
    /// </summary>
    public double PsiCorrected => Math.Max(Psi - PsiExpected, 0);

    /// <summary>The distance without its bias, at least 0; null where there is none.</summary>
    public double? WassersteinCorrected =>
        Wasserstein is { } distance ? Math.Max(distance - (WassersteinExpected ?? 0), 0) : null;

    /// <summary>
    /// What <see cref="Wasserstein"/> exceeds without drift about once in a thousand times: three times its
    /// expectation, by
    /// simulation over normal, uniform, log-normal, t₃ and Poisson samples.
    /// </summary>
    public double? WassersteinLimit => 3 * WassersteinExpected;

    /// <summary>
    /// Whether the column has drifted: the window is large enough, and the index or the distance is more than chance
    /// gives and,
    /// corrected, above its threshold. The index sees shares that move between bins, the distance also values that move
    /// within the outermost bin.
    /// </summary>
    /// <param name="psiThreshold">Such as 0.25.</param>
    /// <param name="wassersteinThreshold">In standard deviations, such as 0.5.</param>
    public bool IsDrift(double psiThreshold, double wassersteinThreshold) =>
        IsSufficient
        && ((Psi > PsiLimit && PsiCorrected > psiThreshold)
            || (Wasserstein > WassersteinLimit && WassersteinCorrected > wassersteinThreshold));
}
