using Gyre.Primitives;
using Gyre.Tabular;

namespace Gyre.Training.Tests;

public sealed class TrainerFactoryTests
{
    [Fact]
    public void Create_Overrides_AppearInParameters()
    {
        var overrides = new Dictionary<string, string> { ["learning_rate"] = "0.05", ["max_depth"] = "6" };
        var trainer = TrainerFactory.Create("boosting", overrides, TaskKind.Binary);
        Assert.Equal("boosting", trainer.Name);
        Assert.Equal("0.05", trainer.Parameters["learning_rate"]);
        Assert.Equal("6", trainer.Parameters["max_depth"]);
    }

    [Fact]
    public void Create_ParametersOfATrainer_MakeTheSameTrainer()
    {
        foreach (var task in Enum.GetValues<TaskKind>())
        {
            foreach (var name in TrainerFactory.NamesFor(task))
            {
                var first = TrainerFactory.Create(name, new Dictionary<string, string>(), task).Parameters;
                Assert.Equal(first, TrainerFactory.Create(name, first, task).Parameters);
            }
        }
    }

    [Theory]
    [InlineData("woods", "l2", "1", "no trainer 'woods'; there are boosting, ")]
    [InlineData("linear", "C", "1", "has no option 'C'; it has analyzer, hashing_bits, l1, l2, max_categories, max_iterations")]
    [InlineData("als", "factors", "4", "'als' does not serve task 'regression'; boosting, ")]
    [InlineData("naive_bayes", "alpha", "1", "'naive_bayes' does not serve task 'regression'; boosting, ")]
    [InlineData("linear", "ngrams", "2-1", "option 'ngrams': '2-1' is not a range such as 1-2, within 1-8")]
    [InlineData("dummy", "l2", "1", "has no option 'l2'; it has none")]
    [InlineData("linear", "l2", "-1", "option 'l2': '-1' is not a number from 0 to")]
    [InlineData("boosting", "learning_rate", "0", "option 'learning_rate': '0' is not a number above 0 up to 1")]
    [InlineData("boosting", "rounds", "many", "option 'rounds': 'many' is not a whole number from 1 to 100000")]
    [InlineData("boosting", "rounds", "2.5", "'2.5' is not a whole number")]
    [InlineData("boosting", "refit", "yes", "'yes' is not true or false")]
    [InlineData("boosting", "l2", "NaN", "'NaN' is not a number from 0")]
    public void Create_BadNameOrValue_ErrorNamesItAndWhatIsAllowed(string name, string key, string value,
        string message)
    {
        var overrides = new Dictionary<string, string> { [key] = value };
        var error = Assert.Throws<GyreException>(() => TrainerFactory.Create(name, overrides, TaskKind.Regression));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }
}
