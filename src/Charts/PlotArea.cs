namespace Gyre.Charts;

/// <summary>The rectangle between the axes, in pixels, and how values fall into it.</summary>
internal sealed record PlotArea(
    double Left, double Top, double Right, double Bottom, Scale XScale, Scale YScale, bool RunsDown)
{
    public double X(double value) => Left + (Clip(XScale.Share(value)) * (Right - Left));

    public double Y(double value)
    {
        var share = Clip(YScale.Share(value));
        return RunsDown ? Top + (share * (Bottom - Top)) : Bottom - (share * (Bottom - Top));
    }

    // What lies beyond an axis's end is drawn at its end.
    private static double Clip(double share) => Math.Clamp(share, 0, 1);
}
