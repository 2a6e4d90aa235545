using System.Globalization;

namespace Gyre.Bench.Comparison;

/// <summary>
/// Rows a second of predicting the test rows with models of equal rounds and depth: Gyre in process from the table's columns
/// and through the ONNX graph from raw columns, XGBoost from a float32 matrix (which it makes a DMatrix of) and from a
/// DMatrix made before. The fastest of five passes each, in turns of sides.
/// </summary>
internal static class PredictComparison
{
    public static bool Run(IReadOnlyList<ComparisonSet> sets, string folder, int threads)
    {
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"\n## predict: 1000 rows a second, {threads} threads; one row through the graph in microseconds"));
        Console.WriteLine($"{"set",-20}{"in process",11}{"onnx",9}{"xgb",9}{"xgb made",9}"
            + $"{"process/xgb",12}{"onnx/xgb",9}{"process/made",13}{"onnx/made",10}{"one row",9}");
        var met = true;
        foreach (var set in sets)
        {
            using var gyre = Side.Gyre(set, folder, "equal", threads);
            using var xgb = Side.Python(set, folder, "xgb", threads);
            gyre.Ask("train");
            xgb.Ask("train");
            var rows = gyre.Description.GetProperty("testRows").GetDouble();
            var (own, other) = (gyre.Ask("predict"), xgb.Ask("predict"));
            double Own(string part) => rows / own.GetProperty(part).GetDouble() / 1000;
            double Other(string part) => rows / other.GetProperty(part).GetDouble() / 1000;
            var (process, onnx, peer, made) = (Own("seconds"), Own("onnxSeconds"), Other("seconds"), Other("madeSeconds"));
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{set.Name,-20}{process,11:F0}{onnx,9:F0}{peer,9:F0}{made,9:F0}{process / peer,12:F2}{onnx / peer,9:F2}"
                + $"{process / made,13:F2}{onnx / made,10:F2}{own.GetProperty("rowMicroseconds").GetDouble(),9:F1}"));
            met &= process >= 2 * peer && onnx >= peer;
        }

        return met;
    }
}
