using System.Globalization;
using System.Text;
using Gyre.Fixtures;
using Gyre.Tabular;

namespace Gyre.Data.Tests;

public sealed class SourceInspectorTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task InspectAsync_OfTheBikeHours_FindsTaskTimeLeakIdAndGaps()
    {
        var found = await Inspect(TestData.Shipped("bike_hourly.csv.gz"), "cnt");
        Assert.Equal((14_491, TaskKind.Regression, "timestamp"), (found.Rows, found.Task, found.Time));
        Assert.Equal(ColumnType.Id, found.Schema["instant"].Type);
        Assert.Equal(ColumnType.Timestamp, found.Schema["timestamp"].Type);
        Assert.Equal(ColumnType.Numeric, found.Schema["temp"].Type);
        Assert.Equal(ColumnType.Integer, found.Schema["hr"].Type);
        Assert.Equal(["casual", "registered"], found.Warnings.Single(w => w.Code == "target-leakage").Columns.AsEnumerable());
        Assert.Equal("instant", found.Warnings.Single(w => w.Code == "id-feature").Column);
        Assert.Contains("125 steps are absent", found.Warnings.Single(w => w.Code == "time-gaps").Message, StringComparison.Ordinal);
        Assert.Equal(
            ["season", "yr", "mnth", "hr", "holiday", "weekday", "workingday", "weathersit", "temp", "atemp", "hum", "windspeed"],
            found.SuggestedFeatures.AsEnumerable());
        Assert.Equal(new RangeRule(0, 2), found.Contract.Find("temp")?.Range);
        Assert.NotNull(found.Contract.Find("cnt")?.Nullability);
    }

    [SharedDataFact("adult/adult.csv.gz")]
    public async Task InspectAsync_OfAdult_IsBinaryWithoutLeak()
    {
        var found = await Inspect(TestData.Shared("adult/adult.csv.gz")!, "income");
        Assert.Equal((TaskKind.Binary, ">50K"), (found.Task, found.PositiveClass));
        Assert.Equal(14, found.SuggestedFeatures.Length);
        Assert.True(found.Schema["workclass"].Nullable);
        Assert.Null(found.Contract.Find("workclass")?.Nullability);
        Assert.Equal(["Female", "Male"], found.Contract.Find("sex")?.Allowed?.Values);
    }

    [SharedDataFact("letter_recognition/letter_recognition.csv.gz")]
    public async Task InspectAsync_OfLetters_IsMulticlass()
    {
        var found = await Inspect(TestData.Shared("letter_recognition/letter_recognition.csv.gz")!, "lettr");
        Assert.Equal(TaskKind.Multiclass, found.Task);
        Assert.Equal(16, found.SuggestedFeatures.Length);
    }

    [Theory]
    [InlineData("true,false,true", ColumnType.Boolean)]
    [InlineData("1,2,-3", ColumnType.Integer)]
    [InlineData("1,2.5,NA", ColumnType.Numeric)]
    [InlineData("1e3,2,7", ColumnType.Numeric)]
    [InlineData("007,012,120", ColumnType.Categorical)]
    [InlineData("2024-01-01,2024-01-02,2024-02-30T", null)]
    [InlineData("2024-01-01T10:00:00Z,2024-01-01 11:00:00,", ColumnType.Timestamp)]
    [InlineData("1,2,5+", ColumnType.Categorical)]
    [InlineData("red,green,red", ColumnType.Categorical)]
    public async Task InspectAsync_OfValues_InfersTheirType(string values, ColumnType? type)
    {
        var path = _folder.File("a.csv");
        await File.WriteAllTextAsync(path, $"a,b\n{string.Concat(values.Split(',').Select((v, i) => $"{v},{i}\n"))}");
        Assert.Equal(type ?? ColumnType.Categorical, (await Inspect(path, null)).Schema["a"].Type);
    }

    [Fact]
    public async Task InspectAsync_OfColumnsThatGiveAClassAway_WarnsOfEach()
    {
        var text = new StringBuilder("honest,copy,outcome_code,late,y\n");
        for (var i = 0; i < 2000; i++)
        {
            var y = Noise(i, 1) < 0.3;
            text.Append(CultureInfo.InvariantCulture,
                $"{(y ? 1 : 0) + 3 * Noise(i, 2)},{(y ? 10 : 0) + Noise(i, 3)},{(y ? "R" : "A") + (int)(Noise(i, 4) * 5)},{(y ? "2024" : "")},{(y ? "yes" : "no")}\n");
        }

        var found = await Inspect(await Write(text), "y");
        Assert.Equal("yes", found.PositiveClass);
        Assert.Equal(["copy", "outcome_code"],
            found.Warnings.Where(w => w.Code == "target-leakage").Select(w => w.Column).Order());
        Assert.Equal(["honest"], found.SuggestedFeatures.AsEnumerable());
    }

    [Fact]
    public async Task InspectAsync_OfColumnsThatGiveANumberAway_WarnsOfEach()
    {
        var text = new StringBuilder("honest,scaled,square,a,b,c,y\n");
        for (var i = 0; i < 2000; i++)
        {
            var (a, b, c) = (Noise(i, 1), Noise(i, 2), Noise(i, 3));
            var y = a + 2 * b - c + 5;
            text.Append(CultureInfo.InvariantCulture, $"{y + 2 * Noise(i, 4)},{y * 3 - 1},{y * y * y},{a},{b},{c},{y}\n");
        }

        var warnings = (await Inspect(await Write(text), "y")).Warnings.Where(w => w.Code == "target-leakage").ToList();
        Assert.Equal(["scaled", "square"], warnings.Where(w => w.Column is not null).Select(w => w.Column));
        Assert.Equal(["a", "b", "c"], warnings.Single(w => w.Column is null).Columns.AsEnumerable());
    }

    [Fact]
    public async Task InspectAsync_OfRareClassesRepeatsAndConstants_WarnsOfThem()
    {
        var text = new StringBuilder("a,b,c,y\n");
        for (var i = 0; i < 300; i++) text.Append(CultureInfo.InvariantCulture, $"{i % 3},7,{(i % 3 == 0 ? "x" : "")},{(i < 5 ? 1 : 0)}\n");
        var codes = (await Inspect(await Write(text), "y")).Warnings.Select(w => (w.Code, w.Column)).ToList();
        Assert.Contains(("class-imbalance", "y"), codes);
        Assert.Contains(("constant-column", "b"), codes);
        Assert.Contains(("mostly-missing", "c"), codes);
        Assert.Contains(("duplicate-rows", null), codes);
    }

    [Fact]
    public async Task InspectAsync_WithAStatedType_KeepsIt()
    {
        var path = _folder.File("a.csv");
        await File.WriteAllTextAsync(path, "size,n\n1,1\n2,2\nXL,3\n");
        var inspector = new SourceInspector { StatedTypes = new Dictionary<string, ColumnType> { ["size"] = ColumnType.Categorical } };
        var found = await inspector.InspectAsync(new SourceDefinition([path]), null, null, CancellationToken.None);
        Assert.Equal(ColumnType.Categorical, found.Schema["size"].Type);
    }

    public void Dispose() => _folder.Dispose();

    private static Task<SourceInspection> Inspect(string path, string? target) =>
        new SourceInspector().InspectAsync(new SourceDefinition([path]), target, null, CancellationToken.None);

    private async Task<string> Write(StringBuilder text)
    {
        await File.WriteAllTextAsync(_folder.File("a.csv"), text.ToString());
        return _folder.File("a.csv");
    }

    // Uniform in 0..1, the same in every run.
    private static double Noise(int row, int column)
    {
        var x = (ulong)(row * 64 + column + 1) * 0x9E3779B97F4A7C15;
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
        return ((x ^ (x >> 31)) >> 11) * (1.0 / (1UL << 53));
    }
}
