using Gyre.Data;
using Gyre.Fixtures;
using Gyre.Loop.Pipeline;
using Gyre.Tabular;

namespace Gyre.Loop.Tests;

public class PipelineWriterTests
{
    [Fact]
    public async Task Write_Bike_ReadsBackAndLeavesOutWhatHurts()
    {
        var source = TestData.Shipped("bike_hourly.csv.gz");
        var inspection = await new SourceInspector().InspectAsync(
            new SourceDefinition([source]), "cnt", "timestamp", CancellationToken.None);

        var text = PipelineWriter.Write("bike", [source], inspection);
        var definition = PipelineReader.Parse(text, "/workspace");

        Assert.Equal(TaskKind.Regression, definition.Task);
        Assert.Equal("timestamp", definition.Time);
        foreach (var harmful in new[] { "casual", "registered", "instant" })
        {
            Assert.DoesNotContain(harmful, definition.Features);
            Assert.Contains($"# {harmful}:", text, StringComparison.Ordinal);
        }

        Assert.Contains("hr", definition.Features);
        Assert.Contains("day_of_week", definition.Features);
        foreach (var column in definition.Contract.Columns)
            Assert.Equal(inspection.Contract.Find(column.Name), column);
        Assert.DoesNotContain(text.Split('\n'), line => line.Length > 0 && line[^1] == ' ');
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("yes")]
    [InlineData("12")]
    [InlineData(">50K")]
    [InlineData("a: b # c")]
    [InlineData("it's \"quoted\"")]
    [InlineData("ünïcode")]
    [InlineData("")]
    public void Scalar_AnyText_ReadsBackTheSame(string value)
    {
        var section = YamlSection.Parse("test", $"key: {PipelineWriter.Scalar(value)}\nlist: [{PipelineWriter.Scalar(value)}]");
        Assert.Equal(value, section.Text("key"));
        Assert.Equal([value], section.Texts("list").ToArray());
    }
}
