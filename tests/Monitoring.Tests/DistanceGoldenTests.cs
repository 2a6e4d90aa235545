using System.Text.Json;
using Gyre.Fixtures;
using Gyre.Numerics;
using Gyre.Tabular;

namespace Gyre.Monitoring.Tests;

/// <summary>Holds the distances against numpy's and scipy's (Golden/make-distances.py).</summary>
public class DistanceGoldenTests
{
    private sealed record NumbersCase(
        string Name, double?[] Reference, double?[] Window, double[] Edges, double[] ReferenceCounts, double[] WindowCounts,
        double Psi, double Wasserstein, double Mean, double Std);

    private sealed record WeightedCase(double[] A, double[] U, double[] B, double[] V, double Distance);

    private sealed record PsiCase(double[] Reference, double[] Window, double Psi, double? Unsmoothed);

    private sealed record NoDriftCase(int Bins, double N, double M, double Quantile);

    private sealed record Golden(NumbersCase[] Numbers, WeightedCase[] Weighted, PsiCase[] Psi, NoDriftCase[] NoDrift);

    private static readonly Golden Cases = JsonSerializer.Deserialize<Golden>(
        File.ReadAllText(Path.Combine(TestData.Root, "tests", "Monitoring.Tests", "Golden", "distances.json")),
        JsonSerializerOptions.Web)!;

    public static TheoryData<string> NumberCases => [.. Cases.Numbers.Select(golden => golden.Name)];

    [Theory]
    [MemberData(nameof(NumberCases))]
    public void Compute_Numbers_AgreesWithNumpyAndScipy(string name)
    {
        var golden = Cases.Numbers.Single(golden => golden.Name == name);
        var profile = ReferenceProfile.Create(ToTable(golden.Reference));

        var drift = DriftCalculator.Compute(profile, ToTable(golden.Window)).Columns.Single();

        var numbers = profile.Columns.Single().Numbers!;
        Assert.Equal(golden.Edges, numbers.Edges.AsEnumerable());
        Assert.Equal(golden.ReferenceCounts.AsEnumerable(), numbers.Counts.Append(profile.Columns.Single().Missing));
        Assert.Equal(golden.Mean, numbers.Mean, 1e-12);
        Assert.Equal(golden.Std, numbers.StandardDeviation, 1e-12);
        Assert.Equal(golden.Psi, drift.Psi, 1e-12);
        // All samples have at most 200 distinct values, which the sketch keeps exactly.
        Assert.Equal(golden.Wasserstein, drift.Wasserstein!.Value, 1e-12);
    }

    [Fact]
    public void Distance_Weighted_AgreesWithScipy()
    {
        foreach (var golden in Cases.Weighted)
            Assert.Equal(golden.Distance, Wasserstein.Distance(golden.A, golden.U, golden.B, golden.V), 1e-12);
    }

    [Fact]
    public void Index_Counts_AgreesWithNumpy()
    {
        foreach (var golden in Cases.Psi)
        {
            Assert.Equal(golden.Psi, PopulationStability.Index(golden.Reference, golden.Window), 1e-12);
            if (golden.Unsmoothed is { } plain)
                Assert.Equal(plain, PopulationStability.Index(golden.Reference, golden.Window, smoothing: 0), 1e-12);
        }
    }

    [Fact]
    public void QuantileWithoutDrift_AgreesWithScipysChiSquare()
    {
        // Wilson and Hilferty's approximation is within 2 % of the χ² quantile here.
        foreach (var golden in Cases.NoDrift)
        {
            Assert.Equal(1, PopulationStability.QuantileWithoutDrift(golden.Bins, golden.N, golden.M) / golden.Quantile, 2e-2);
        }
    }

    private static Table ToTable(double?[] values) =>
        new([new Column<double>("x", ColumnType.Numeric, [.. values.Select(value => value ?? double.NaN)])]);
}
