using System.Collections.Immutable;
using System.Globalization;
using Gyre.Numerics;
using Gyre.Tabular;
using Gyre.Training.Search;

namespace Gyre.Training.Tests.Search;

public sealed class SearchSpaceTests
{
    [Theory]
    [InlineData(0, "0.01")]
    [InlineData(0.5, "0.1")]
    [InlineData(1, "1")]
    public void At_Logarithmic_SpreadsRatios(double position, string expected) =>
        Assert.Equal(expected, new NumberRange("x", 0.01, 1, Logarithmic: true).At(position));

    [Fact]
    public void PositionOf_WhatAtGave_IsWhereItWas()
    {
        SearchParameter[] parameters =
        [
            new NumberRange("a", -5, 5), new NumberRange("b", 1e-4, 1e4, Logarithmic: true), new Choices("c", ["x", "y", "z"]),
            new NumberRange("d", 2, 9, Whole: true),
        ];
        foreach (var parameter in parameters)
        {
            for (var i = 0; i <= 20; i++)
                Assert.Equal(parameter.At(i / 20.0), parameter.At(parameter.PositionOf(parameter.At(i / 20.0))));
        }

        Assert.Equal("9", new NumberRange("d", 2, 9, Whole: true).At(new NumberRange("d", 2, 9).PositionOf("100")));
    }

    [Fact]
    public void Next_AfterManyTrials_SuggestsNearTheBest()
    {
        var settings = new SearchSettings { Trials = 1, Spaces = FakeTrainer.Levels("fake") };
        var shelf = new TrainerShelf(
            settings, Synthetic.Set(TaskKind.Regression, 50), ["dummy", "fake"], (name, options) => new FakeTrainer(name, options, null, 0));
        var random = new SeededRandom(1);
        var tried = new List<TrialSpec>();
        static double Loss(TrialSpec spec) =>
            Math.Abs(double.Parse(spec.Options["level"], CultureInfo.InvariantCulture) - 7.3);

        for (var i = 0; i < 40; i++)
        {
            tried.Add(ParzenSuggestions.Next(shelf, tried, 1, random)!);
            tried.Sort((a, b) => Loss(a).CompareTo(Loss(b)));
        }

        Assert.Equal(40, tried.Select(t => t.Key).Distinct().Count());
        Assert.True(Loss(tried[0]) < 0.15, $"{tried[0].Key}");
        // Chance alone puts a fifth of the trials so near.
        Assert.True(tried.Count(t => Loss(t) < 1) >= 16, $"{tried.Count(t => Loss(t) < 1)}");
    }

    [Theory]
    [InlineData(TaskKind.Binary, true)]
    [InlineData(TaskKind.Multiclass, false)]
    public void Fit_LeastLeafWeight_IsVariedForFewClassesOnly(TaskKind task, bool varied)
    {
        TrainerShelf Shelf(SearchSettings settings) => new(
            settings, Synthetic.Set(task, 50), ["dummy", "boosting"], (name, options) => TrainerFactory.Create(name, options, task));
        (string, string)[] options = [("min_child_weight", "5"), ("l2", "2")];

        var usual = Shelf(new SearchSettings { Trials = 1 });
        var declared = Shelf(new SearchSettings
        {
            Trials = 1,
            Spaces = ImmutableSortedDictionary<string, SearchSpace>.Empty.Add(
                "boosting", new SearchSpace([new NumberRange("min_child_weight", 1, 9)])),
        });

        Assert.Equal(varied, usual.Space("boosting").Find("min_child_weight") is not null);
        Assert.Equal(varied, usual.Fit("boosting", options, TrialOrigin.Portfolio)!.Options.ContainsKey("min_child_weight"));
        Assert.Equal("5", declared.Fit("boosting", options, TrialOrigin.Portfolio)!.Options["min_child_weight"]);
    }

    [Fact]
    public void Next_EverythingTried_SuggestsNothing()
    {
        var spaces = ImmutableSortedDictionary<string, SearchSpace>.Empty
            .Add("fake", new SearchSpace([new Choices("level", ["1", "2"])]));
        var shelf = new TrainerShelf(
            new SearchSettings { Trials = 1, Spaces = spaces }, Synthetic.Set(TaskKind.Regression, 50), ["dummy", "fake"],
            (name, options) => new FakeTrainer(name, options, null, 0));
        var random = new SeededRandom(1);
        var tried = new List<TrialSpec>();
        while (tried.Count < 3 && ParzenSuggestions.Next(shelf, tried, 1, random) is { } next) tried.Add(next);

        Assert.Equal(2, tried.Count);
    }

    [Fact]
    public void Of_KnownTrainers_NamesOnlyOptionsTheyTake()
    {
        foreach (var name in TrainerFactory.NamesFor(TaskKind.Regression))
        {
            var trainer = TrainerFactory.Create(name, ImmutableDictionary<string, string>.Empty, TaskKind.Regression);
            foreach (var parameter in DefaultSpaces.Of(trainer).Parameters)
            {
                foreach (var position in new[] { 0, 0.37, 1 })
                {
                    TrainerFactory.Create(
                        name, new Dictionary<string, string> { [parameter.Name] = parameter.At(position) }, TaskKind.Regression);
                }
            }
        }

        Assert.NotEmpty(DefaultSpaces.Of(new BoostingTrainer()).Parameters);
    }
}
