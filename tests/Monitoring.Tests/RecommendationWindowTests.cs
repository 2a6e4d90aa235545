using Gyre.Tabular;

namespace Gyre.Monitoring.Tests;

public sealed class RecommendationWindowTests
{
    [Theory]
    [InlineData("""{"items":["b","a","c"],"scores":[0.5,0.25,0.1]}""", "\"a\"", 0.5, 2)]
    [InlineData("""{"items":["7","12"],"scores":[0.5,0.25]}""", "12", 0.5, 2)]
    [InlineData("""{"items":["b"],"scores":[0.5]}""", "\"z\"", 0.5, 0)]
    [InlineData("""{"items":["b"],"scores":[0.5]}""", null, 0.5, 0)]
    [InlineData("""{"items":["b"],"scores":[0.5],"prediction":7.5}""", "8", 7.5, 0)]
    [InlineData("""{"items":[],"scores":[]}""", "\"a\"", double.NaN, 0)]
    public void AppendOutput_List_ValueAndPlaceOfTheActualItem(string output, string? actual, double value, int place)
    {
        var values = new List<double>();
        new OutputReader(TaskKind.Recommendation, []).AppendOutput(output, actual, values);
        Assert.Equal([value, place, 0], values);
    }

    [Fact]
    public void Create_Recommendation_ColumnOfValues()
    {
        var column = PredictionColumn.Create(TaskKind.Recommendation, [], [7.5, 1, 0, 3.5, 0, 1]);
        Assert.Equal([7.5, 3.5], ((Column<double>)column).Values.ToArray());
    }
}
