using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Gyre.Loop.Pipeline;
using Gyre.Loop.Reports;
using Gyre.Primitives;

namespace Gyre.Loop.Tests;

public class EvaluationReportTests
{
    [Fact]
    public async Task Run_Promoted_WritesThePageItsPicturesAndNumbers()
    {
        using var shop = new ShopWorkspace();
        var outcome = await shop.RunAsync(shop.Define());

        var folder = Path.Combine(shop.Workspace.Artifacts.FolderOf(shop.Workspace.Runs.Get(outcome.RunId)), "evaluation");
        var package = shop.Workspace.Registry.Get(ShopWorkspace.Model, 1).Folder;
        var link = Regex.Match(await File.ReadAllTextAsync(Path.Combine(package, "model_card.md")), @"evaluation report.*\]\((.*)\)");
        Assert.Equal(
            Path.Combine(folder, EvaluationReport.PageFile), Path.GetFullPath(Path.Combine(package, link.Groups[1].Value)));
        var page = await File.ReadAllTextAsync(Path.Combine(folder, EvaluationReport.PageFile));
        Assert.Contains("version 1", page, StringComparison.Ordinal);
        Assert.DoesNotMatch("(src|href)=\"(?!#)", page); // nothing outside it
        Assert.DoesNotContain("<script", page, StringComparison.Ordinal);
        var numbers = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(folder, EvaluationReport.NumbersFile)))!.AsObject(); // just written
        var rmse = outcome.Candidates.Single(c => c.Trainer == outcome.Chosen).Metrics["rmse"];
        Assert.Equal(rmse, numbers["metrics"]!["rmse"]!["value"]!.GetValue<double>(), 1e-9); // as above
        foreach (var name in numbers["charts"]!.AsObject().Select(c => c.Key)) // as above
        {
            var svg = await File.ReadAllTextAsync(Path.Combine(folder, name + ".svg"));
            Assert.Equal("svg", XDocument.Parse(svg).Root?.Name.LocalName);
            Assert.Contains(Regex.Match(svg, "aria-label=\"[^\"]*\"").Value, page, StringComparison.Ordinal);
        }

        Assert.Contains("residuals", numbers["charts"]!.AsObject().Select(c => c.Key)); // as above
    }

    [Fact]
    public async Task Run_NotPromoted_WritesNoneUnlessAlways()
    {
        using var shop = new ShopWorkspace();
        await shop.RunAsync(shop.Define());
        var refused = await shop.RunAsync(shop.Define());
        Assert.False(Directory.Exists(Folder(refused.RunId)));
        var definition = shop.Define();
        definition = definition with
        {
            Training = definition.Training with { Evaluation = new EvaluationSettings { Report = ReportFor.Always, LearningCurve = true } },
        };
        var always = await shop.RunAsync(definition);
        Assert.False(always.Promoted);
        Assert.Contains("More rows would", await File.ReadAllTextAsync(Path.Combine(Folder(always.RunId), EvaluationReport.PageFile)), StringComparison.Ordinal);

        string Folder(string run) => Path.Combine(shop.Workspace.Artifacts.FolderOf(shop.Workspace.Runs.Get(run)), "evaluation");
    }

    [Theory]
    [InlineData("evaluation: { report: sometimes }", "training.evaluation.report: 'sometimes' is not one of promoted, always, never")]
    [InlineData("evaluation: { learning_curve: 3 }", "training.evaluation.learning_curve: '3' is neither true nor false")]
    [InlineData("calibration: soft", "training.calibration: 'soft' is not one of none, platt, isotonic")]
    [InlineData("threshold: { false_positive: 1 }", "training.threshold.false_negative: is missing")]
    [InlineData("threshold: { false_positive: 0, false_negative: 1 }", "training.threshold.false_positive: '0' is not a number within")]
    [InlineData("evaluation: { pictures: many }", "training.evaluation.pictures: is not a setting here")]
    public void Read_WrongEvaluation_NamesThePlace(string setting, string message)
    {
        var root = YamlSection.Parse("gyre.yaml", $"training:\n  {setting}\n");
        var error = Assert.Throws<GyreException>(() => TrainingReader.Read(root));
        Assert.Contains("gyre.yaml:2: " + message, error.Message, StringComparison.Ordinal);
    }
}
