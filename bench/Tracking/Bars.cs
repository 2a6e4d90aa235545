using System.Globalization;

namespace Gyre.Bench.Tracking;

/// <summary>Prints figures beside the bars that they are held to.</summary>
internal static class Bars
{
    public static void Print(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));

    public static void AtLeast(string what, double figure, double bar, string unit) =>
        Print($"{(figure >= bar ? "ok    " : "MISSED")} {what}: {figure:N1} {unit} (bar: at least {bar:N0})");

    public static void AtMost(string what, double figure, double bar, string unit) =>
        Print($"{(figure <= bar ? "ok    " : "MISSED")} {what}: {figure:N1} {unit} (bar: at most {bar:N0})");

    /// <summary>The value below which a share of the samples lies; sorts them.</summary>
    public static double Percentile(double[] samples, double share)
    {
        Array.Sort(samples);
        return samples[Math.Min(samples.Length - 1, (int)(share * samples.Length))];
    }
}
