using System.Globalization;
using System.Text.Json;

namespace Gyre.Bench.Comparison;

/// <summary>
/// Rows a second of predicting the test rows with models of equal rounds and depth: Gyre in process from the table's columns
/// and through the ONNX graph from raw columns, XGBoost from a float32 matrix (which it makes a DMatrix of) and from a
/// DMatrix made before. The fastest of seven passes each.
/// </summary>
internal static class PredictComparison
{
    public static bool Run(IReadOnlyList<ComparisonSet> sets, string folder, int threads)
    {
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"\n## predict: 1000 rows a second, {threads} threads, and their ratios to XGBoost's; p50 of one row, µs"));
        Console.WriteLine($"{"set",-20}{"process",9}{"onnx",9}{"xgb",9}{"made",9}"
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
            double Speed(JsonElement side, string part) => rows / side.GetProperty(part).GetDouble() / 1000;
            void Print(string name, double process, double onnx, double peer, double made, string row) =>
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{name,-20}{process,9:F0}{onnx,9:F0}{peer,9:F0}{made,9:F0}{process / peer,12:F2}{onnx / peer,9:F2}"
                    + $"{process / made,13:F2}{onnx / made,10:F2}{row,9}"));
            var (fast, graph, peer) = (Speed(own, "seconds"), Speed(own, "onnxSeconds"), Speed(other, "seconds"));
            Print(set.Name, fast, graph, peer, Speed(other, "madeSeconds"),
                own.GetProperty("rowMicroseconds").GetDouble().ToString("F1", CultureInfo.InvariantCulture));
            Print("  per CPU second", Speed(own, "cpuSeconds"), Speed(own, "onnxCpuSeconds"), Speed(other, "cpuSeconds"),
                Speed(other, "madeCpuSeconds"), "");
            met &= fast >= 2 * peer && graph >= peer;
        }

        return met;
    }
}
