using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Gyre.Charts.Tests;

public sealed class SvgChartTests
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    [Fact]
    public void Write_EveryKindOfMark_WellFormedAndInsideThePicture()
    {
        var chart = new Chart("All <marks> & \"text\" \u0001", new Axis("x"), new Axis("y"),
        [
            new LineMark("line", [new(0, -3), new(double.NaN, 1), new(4, 12)]),
            new DotMark("dots", [new(1, 2), new(2, double.PositiveInfinity)]) { Shades = [0.2, double.NaN] },
            new BandMark("band", [new(0, 1), new(4, 2)], [new(0, 2), new(4, 5)], Ink.Green),
            new BarMark("bars", [new ChartBox(new(0, 0), new(1, 7))], Ink.Vermilion),
            new RangeMark("ranges", [(new(2, 1), new(2, 6))]),
            new NoteMark([(new ChartPoint(3, 3), "<note>")]),
        ]) { Subtitle = "sub" };
        var document = XDocument.Parse(SvgChart.Write(chart));
        Assert.Contains(document.Descendants(Svg + "text"), t => t.Value == "<note>");
        foreach (var path in document.Descendants(Svg + "path").Select(p => p.Attribute("d")?.Value ?? ""))
        {
            foreach (Match point in Regex.Matches(path, @"[ML](-?[\d.]+) (-?[\d.]+)"))
            {
                Assert.InRange(Number(point.Groups[1]), 0, chart.Width);
                Assert.InRange(Number(point.Groups[2]), 0, chart.Height);
            }
        }

        Assert.Equal(SvgChart.Write(chart), SvgChart.Write(chart));

        static double Number(Group group) => double.Parse(group.Value, CultureInfo.InvariantCulture);
    }

    [Fact]
    public void Write_TwoPoints_TheHigherValueIsDrawnHigher()
    {
        var svg = XDocument.Parse(SvgChart.Write(new Chart("t", new Axis("x"), new Axis("y"), [new LineMark(null, [new(1, 10), new(2, 20)])])));
        var line = Regex.Match(svg.Descendants(Svg + "path").Last().Attribute("d")!.Value, @"M([\d.]+) ([\d.]+)L([\d.]+) ([\d.]+)"); // just written
        double At(int group) => double.Parse(line.Groups[group].Value, CultureInfo.InvariantCulture);
        Assert.True(At(1) < At(3));
        Assert.True(At(2) > At(4));
    }

    [Theory]
    [InlineData(0, 1, "0|0.2|0.4|0.6|0.8|1")]
    [InlineData(-250, 310, "−200|0|200")]
    [InlineData(0, 500_000, "0|100,000|200,000|300,000|400,000|500,000")]
    [InlineData(0, 0.0004, "0|0.0001|0.0002|0.0003|0.0004")]
    public void Scale_Linear_TicksAreRoundNumbers(double min, double max, string ticks)
    {
        var scale = Scale.Of(new Axis("") { Min = min, Max = max }, [], 5);
        Assert.Equal(ticks, string.Join('|', scale.Ticks.Select(t => t.Text)));
    }

    [Fact]
    public void Scale_Logarithmic_TicksAreDecadesAndParts()
    {
        var scale = Scale.Of(new Axis("") { IsLogarithmic = true }, [100, 4000], 5);
        Assert.Equal(["100", "200", "500", "1,000", "2,000"], scale.Ticks.Select(t => t.Text));
        Assert.Equal(0.5, scale.Share(Math.Sqrt(100 * 4000.0)), 12);
    }

    [Theory]
    [InlineData(3, 3)]
    [InlineData(0, 0)]
    public void Scale_OneValue_StillHasAWidth(double value, double same)
    {
        var scale = Scale.Of(new Axis(""), [value, same, double.NaN], 5);
        Assert.InRange(scale.Share(value), 0.01, 0.99);
        Assert.NotEmpty(scale.Ticks);
    }

    [Fact]
    public void Write_NoMarks_DrawsAxes()
    {
        var document = XDocument.Parse(SvgChart.Write(new Chart("empty", new Axis("x"), new Axis("y"), [])));
        Assert.Contains(document.Descendants(Svg + "text"), t => t.Value == "empty");
    }

    [Fact]
    public void Offsets_EqualValues_SpreadEvenlyAndWithinTheWidth()
    {
        var offsets = Swarm.Offsets(Enumerable.Repeat(1.0, 41).ToArray(), 0, 2, 0.4);
        Assert.Equal(41, offsets.Distinct().Count());
        Assert.All(offsets, o => Assert.InRange(o, -0.4, 0.4));
        Assert.Equal(0, offsets.Average(), 2);
    }

    [Fact]
    public void Write_Json_HoldsTheNumbersAndNullsForNone()
    {
        var json = ChartJson.Write(new Chart("t", new Axis("x"), new Axis("y") { Names = ["a", "b"] }, [new LineMark("l", [new(1.5, double.NaN)])]));
        Assert.Equal("""{"kind":"line","name":"l","x":[1.5],"y":[null]}""", json["marks"]![0]!.ToJsonString()); // just written
        Assert.Equal("b", (string?)json["y"]!["names"]![1]); // just written
    }
}
