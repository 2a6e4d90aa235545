using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Gyre.Fixtures;
using Gyre.Serving.Engine;
using Gyre.Serving.Requests;
using Gyre.Serving.Slots;
using Gyre.Tabular;

namespace Gyre.Serving.Tests.Http;

/// <summary>The requests of docs/guide/serving.md, as they stand there, by curl and Python.</summary>
public sealed partial class ServingGuideTests
{
    private static readonly string Guide =
        File.ReadAllText(Path.Combine(TestData.Root, "docs", "guide", "serving.md")).ReplaceLineEndings("\n");

    [PythonTheory("numpy")]
    [InlineData("sh", 0, "\"predictions\":[43]")]
    [InlineData("sh", 1, "\"data\":[43,6]")]
    [InlineData("sh", 2, "[{\"name\":\"bike\",\"version\":\"1\",\"state\":\"READY\",\"reason\":\"\"}]")]
    [InlineData("sh", 3, "\"predictions\":[43,6]")]
    [InlineData("sh", 4, "\"predictions\":[43]")]
    [InlineData("python", 0, "[43.  6.]")]
    public async Task Example_AsItStandsThere_Predicts(string language, int index, string answer)
    {
        await using var serving = await ServingFixture.StartAsync(model: new Doubling(), name: "bike");
        var example = Examples().Matches(Guide).Where(match => match.Groups[1].Value == language).ElementAt(index)
            .Groups[2].Value;
        var port = serving.Address.Port.ToString(CultureInfo.InvariantCulture);

        var output = Run(language, example.Replace("5000", port, StringComparison.Ordinal));

        Assert.Contains(answer, output, StringComparison.Ordinal);
    }

    private static string Run(string language, string example)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("example"), example);
        if (language == "python") return Python.Run(folder.File("example")).Output;
        using var shell = Process.Start(new ProcessStartInfo("/bin/sh", [folder.File("example")])
        {
            RedirectStandardOutput = true,
        })!; // a shell is there
        var output = shell.StandardOutput.ReadToEnd();
        shell.WaitForExit();
        return output;
    }

    [GeneratedRegex("```(sh|python)\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Examples();

    /// <summary>Predicts temp × 2.</summary>
    private sealed class Doubling : IScorer
    {
        public Schema Inputs { get; } = new(
            [new ColumnDefinition("temp", ColumnType.Numeric), new ColumnDefinition("weather", ColumnType.Categorical)]);

        public ClassLabels? Labels => null;

        public ImmutableArray<OutputTensor> Outputs { get; } =
            [new OutputTensor(OutputTensor.Prediction, TensorDatatype.Float32, 1)];

        public ModelOutputs Score(ModelInputs inputs) => new NumberOutputs(
            ((Column<double>)((TableInputs)inputs).Table["temp"]).Values.ToArray().Select(t => (float)(2 * t)).ToArray());

        public void Dispose()
        {
        }
    }
}
