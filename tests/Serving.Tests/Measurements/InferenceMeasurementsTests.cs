using Gyre.Serving.Measurements;

namespace Gyre.Serving.Tests.Measurements;

public class InferenceMeasurementsTests
{
    [Fact]
    public void Unloaded_ManyVersions_TheNewestStayVisible()
    {
        var measurements = new InferenceMeasurements();
        for (var version = 1; version <= 1000; version++)
        {
            measurements.Loaded("m", $"{version}");
            if (version > 1) measurements.Unloaded("m", $"{version - 1}");
        }

        Assert.Equal(["996", "997", "998", "999", "1000"], measurements.Read().Select(v => v.Version));
    }

    [Fact]
    public void Loaded_Again_GoesOnCounting()
    {
        var measurements = new InferenceMeasurements();
        measurements.Loaded("m", "1").BatchScored(1);
        measurements.Unloaded("m", "1");
        measurements.Loaded("m", "1").BatchScored(1);
        Assert.Equal(2, Assert.Single(measurements.Read()).BatchRows.Count);
    }

    [Fact]
    public void Unloaded_OneOfTwoLoads_StaysWhateverElseIsReplaced()
    {
        var measurements = new InferenceMeasurements();
        measurements.Loaded("m", "1");
        measurements.Loaded("m", "1");
        measurements.Unloaded("m", "1");
        for (var version = 2; version < 20; version++)
        {
            measurements.Loaded("m", $"{version}");
            measurements.Unloaded("m", $"{version}");
        }

        Assert.Contains(measurements.Read(), v => v.Version == "1");
    }

    [Fact]
    public void Withdraw_RequestsUnderWay_DoNotBringItBack()
    {
        var measurements = new InferenceMeasurements();
        var withdrawn = new List<string>();
        measurements.Withdrawn += withdrawn.Add;
        var counters = measurements.Loaded("m", "1");
        measurements.Loaded("other", "1");
        measurements.Withdraw("m");
        counters.BatchScored(1);
        measurements.Unloaded("m", "1");

        Assert.Equal(["m"], withdrawn);
        Assert.Equal(["other"], measurements.Read().Select(v => v.Model));
        Assert.False(measurements.TryGet("m", "1", out _));
    }
}
