using Gyre.Training;

namespace Gyre.Models;

/// <summary>Compares the lists of a served recommender with its trainer's, place by place.</summary>
internal static class ListParity
{
    /// <summary>The greatest relative difference of a place's score; infinite where the items differ.</summary>
    public static ParityReport Compare(Recommendations trained, Recommendations served, double tolerance)
    {
        if (trained.Rows != served.Rows || trained.Top != served.Top)
            throw new ArgumentException(
                $"{served.Rows} lists of {served.Top} do not fit {trained.Rows} of {trained.Top}.", nameof(served));
        var floor = MeanSize(trained) / 100;
        var (worst, at) = (0.0, 0);
        for (var place = 0; place < trained.Items.Length; place++)
        {
            var difference = trained.Items[place] == served.Items[place]
                ? ParityCheck.Difference(trained.Scores[place], served.Scores[place], floor)
                : double.PositiveInfinity;
            if (difference > worst) (worst, at) = (difference, place);
        }

        return trained.Rows == 0
            ? new ParityReport(0, 0, true, tolerance, 0, 0, 0)
            : new ParityReport(worst, trained.Rows, worst <= tolerance, tolerance, at / trained.Top,
                trained.Scores[at], served.Scores[at]);
    }

    private static double MeanSize(Recommendations lists)
    {
        double sum = 0, count = 0;
        foreach (var score in lists.Scores)
        {
            if (score <= Recommendations.NoScore) continue;
            sum += Math.Abs(score);
            count++;
        }

        return count == 0 ? 0 : sum / count;
    }
}
