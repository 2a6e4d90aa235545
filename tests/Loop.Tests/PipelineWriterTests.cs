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

    [SharedDataFact("sms_spam/sms_spam.csv.gz")]
    public async Task Write_SmsSpam_ProposesTrainersOfText()
    {
        var source = TestData.Shared("sms_spam/sms_spam.csv.gz")!; // the attribute has seen to its presence
        var inspection = await new SourceInspector().InspectAsync(new SourceDefinition([source]), "label", null, CancellationToken.None);

        var definition = PipelineReader.Parse(PipelineWriter.Write("spam", [source], inspection), "/workspace");

        Assert.Equal(["text"], definition.Features.ToArray());
        Assert.Equal(["linear", "naive_bayes"], definition.Training.Trainers.Select(t => t.Name));
        Assert.Empty(definition.Monitoring.DriftColumns);
    }

    [SharedDataFact("banking77/banking77.csv.gz")]
    public Task Write_Banking77_ReadsBack() => ReadsBackAsync("banking77/banking77.csv.gz", "label", TaskKind.Multiclass);

    [SharedDataFact("adult/adult.csv.gz")]
    public Task Write_Adult_ReadsBack() => ReadsBackAsync("adult/adult.csv.gz", "income", TaskKind.Binary);

    [SharedDataFact("telco_churn/telco_churn.csv.gz")]
    public Task Write_TelcoChurn_ReadsBack() => ReadsBackAsync("telco_churn/telco_churn.csv.gz", "churn", TaskKind.Binary);

    [SharedDataFact("california_housing/california_housing.csv.gz")]
    public Task Write_CaliforniaHousing_ReadsBack() =>
        ReadsBackAsync("california_housing/california_housing.csv.gz", "median_house_value", TaskKind.Regression);

    [SharedDataFact("letter_recognition/letter_recognition.csv.gz")]
    public Task Write_LetterRecognition_ReadsBack() =>
        ReadsBackAsync("letter_recognition/letter_recognition.csv.gz", "lettr", TaskKind.Multiclass);

    private static async Task ReadsBackAsync(string file, string target, TaskKind task)
    {
        var source = TestData.Shared(file)!; // the attribute has seen to its presence
        var inspection = await new SourceInspector().InspectAsync(new SourceDefinition([source]), target, null, CancellationToken.None);

        var definition = PipelineReader.Parse(PipelineWriter.Write("model", [source], inspection), "/workspace");

        Assert.Equal((task, target), (definition.Task, definition.Target));
        Assert.Equal(inspection.PositiveClass, definition.PositiveClass);
        Assert.Equal([source], definition.Source.Paths.ToArray());
        Assert.Equal(inspection.SuggestedFeatures.ToArray(),
            definition.Features.Where(f => definition.Derived.All(d => d.Name != f)));
        foreach (var column in definition.Columns) Assert.Equal(inspection.Schema[column.Name].Type, column.Type);
        Assert.NotEmpty(definition.Contract.Columns);
        foreach (var column in definition.Contract.Columns) Assert.Equal(inspection.Contract.Find(column.Name), column);
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
