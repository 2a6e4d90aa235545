using Gyre.Loop.Pipeline;
using Gyre.Primitives;
using Gyre.Tabular;

namespace Gyre.Loop.Tests;

public class RecommendReaderTests
{
    private const string Shop =
        """
        model: shop
        source: { path: baskets.csv }
        task: recommendation
        recommend: { user: customer, item: article, top: 5 }
        columns:
          customer: id
          article: text
          stars: numeric
          note: text
        contract:
          columns:
            article: { nullability: fail }
        """;

    [Fact]
    public void Parse_NoTarget_TheItemIsPredicted()
    {
        var definition = PipelineReader.Parse(Shop, "/workspace");
        Assert.Equal(new RecommendSettings("customer", "article", 5), definition.Recommend);
        Assert.Equal("article", definition.Target);
        Assert.Equal(["customer", "article"], definition.Features.ToArray());
        Assert.Equal(["ials"], definition.Training.Trainers.Select(t => t.Name));
    }

    [Fact]
    public void Parse_Ratings_RequestMayLeaveTheItemOut()
    {
        var definition = PipelineReader.Parse(Shop + "\ntarget: stars", "/workspace");
        Assert.Equal("stars", definition.Target);
        Assert.True(definition.Columns["article"].Nullable);
        Assert.Equal(["als", "ials"], definition.Training.Trainers.Select(t => t.Name));
    }

    [Theory]
    [InlineData("recommend: { user: customer, item: article, top: 5 }", "", "recommend: is missing; task recommendation needs")]
    [InlineData("task: recommendation", "task: regression", "gyre.yaml:4: recommend: task regression recommends nothing")]
    [InlineData("item: article", "item: articles", "gyre.yaml:4: recommend.item: there is no column 'articles'")]
    [InlineData("item: article", "item: stars", "recommend.item: 'stars' is numeric; users and items are id, text")]
    [InlineData("item: article", "item: customer", "'customer' is the user's column too")]
    [InlineData("top: 5", "top: 0", "recommend.top: '0' is not a whole number within 1..1000")]
    [InlineData("top: 5", "most: 5", "recommend.most: is not a setting here")]
    [InlineData("model: shop", "model: shop\ntarget: note", "gyre.yaml:2: target: 'note' is text; ratings are numbers")]
    [InlineData("model: shop", "model: shop\nfeatures: { use: [customer, article, note] }", "learns from 'customer' and 'article' alone")]
    [InlineData("model: shop", "model: shop\ntraining: { metric: rmse }", "metric: 'rmse' needs ratings")]
    [InlineData("model: shop", "model: shop\nmonitoring: { metric: roc_auc }", "metric: 'roc_auc' is not one of ndcg_at_10")]
    public void Parse_WrongSetting_ErrorSaysWhereAndWhat(string from, string to, string message)
    {
        var text = Shop.Replace(from, to, StringComparison.Ordinal);
        var error = Assert.Throws<GyreException>(() => PipelineReader.Parse(text, "/workspace"));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_OtherTask_NeedsNoRecommend() =>
        Assert.Equal(TaskKind.Regression, PipelineReader.Parse(
            "model: m\nsource: { path: a.csv }\ntarget: y\ncolumns: { x: numeric, y: numeric }\nfeatures: { use: [x] }", "/workspace").Task);
}
