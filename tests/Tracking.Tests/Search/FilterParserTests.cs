using System.Diagnostics;
using Gyre.Primitives;
using Gyre.Tracking.Search;
using static Gyre.Tracking.Search.ComparisonOperator;

namespace Gyre.Tracking.Tests.Search;

public class FilterParserTests
{
    [Theory]
    [InlineData("metric.acc >= 0.94", "Metric acc GreaterOrEqual 0.94")]
    [InlineData("metric.acc>=100", "Metric acc GreaterOrEqual 100")]
    [InlineData("metrics.a > -1.5e-3", "Metric a Greater -0.0015")]
    [InlineData("metrics.a < .5", "Metric a Less 0.5")]
    [InlineData("params.m!='tf'", "Param m NotEqual tf")]
    [InlineData("params.\"m\"!=\"tf\"", "Param m NotEqual tf")]
    [InlineData("metric.\"legit name\" >= 0.243", "Metric legit name GreaterOrEqual 0.243")]
    [InlineData("metrics.\"X//Y#$$@&Z\" = 3", "Metric X//Y#$$@&Z Equal 3")]
    [InlineData("metrics.\"accuracy.2.0\" > 5", "Metric accuracy.2.0 Greater 5")]
    [InlineData("metrics.`spacey name` > 5", "Metric spacey name Greater 5")]
    [InlineData("`metric`.a >= 0.1", "Metric a GreaterOrEqual 0.1")]
    [InlineData("parameters.m = 'x'", "Param m Equal x")]
    [InlineData("tags.mlflow.source.name = 'a'", "Tag mlflow.source.name Equal a")]
    [InlineData("tag.and = 'a'", "Tag and Equal a")]
    [InlineData("params.m = \"L'Hosp\"", "Param m Equal L'Hosp")]
    [InlineData("params.m = 'L''Hosp'", "Param m Equal L'Hosp")]
    [InlineData("params.m = 'C:\\'", "Param m Equal C:\\")]
    [InlineData("params.m = ''", "Param m Equal ")]
    [InlineData("attribute.start_time >= 1234", "Attribute start_time GreaterOrEqual 1234")]
    [InlineData("created < 99999999999999999999", "Attribute start_time Less 1E+20")]
    [InlineData("attr.`Run Name` ilike 'A%'", "Attribute run_name ILike A%")]
    [InlineData("run.status LIKE 'RUN%'", "Attribute status Like RUN%")]
    [InlineData("`run_name` = 'x'", "Attribute run_name Equal x")]
    [InlineData("dataset.name = 'd'", "Dataset name Equal d")]
    [InlineData("run_id IN ('a','b1', 'NO')", "Attribute run_id In [a b1]")]
    [InlineData("run_id Not In ('a',)", "Attribute run_id NotIn [a]")]
    [InlineData("run_id IN ('A')", "Attribute run_id In []")]
    [InlineData("datasets.context NOT IN (\"train\")", "Dataset context NotIn [train]")]
    [InlineData("tags.v IS NULL", "Tag v IsNull ")]
    [InlineData("params.v is not null", "Param v IsNotNull ")]
    [InlineData("metrics.r < 1 and params.c = 'LR'", "Metric r Less 1; Param c Equal LR")]
    [InlineData("\ttags.a IS NULL\nAND params.b = 'v'  ", "Tag a IsNull ; Param b Equal v")]
    [InlineData("", "")]
    [InlineData(" \n", "")]
    public void Parse_Runs_Understands(string filter, string expected)
    {
        var clauses = FilterParser.Parse(SearchGrammar.Runs, filter);
        Assert.Equal(expected, string.Join("; ", clauses.Select(Describe)));
    }

    [Theory]
    [InlineData("metric.acc >= 0.94; metrics.rmse < 1", "Search filter contained multiple expression", 18)]
    [InlineData("metric.acc >= 0.94;", "Invalid clause(s) in filter string: ';'", 18)]
    [InlineData("m.acc >= 0.94", "Invalid entity type 'm'", 0)]
    [InlineData("acc >= 0.94", "Invalid attribute key 'acc'", 0)]
    [InlineData("`metrics.A` > 1", "Invalid entity type 'metrics'", 0)]
    [InlineData("metrics.A > 0.1 OR params.B = 'LR'", "Invalid clause(s) in filter string: 'OR'", 16)]
    [InlineData("metrics.A > 0.1 NAND params.B = 'LR'", "Invalid clause(s) in filter string: 'NAND'", 16)]
    [InlineData("metrics.A > 0.1 AND (params.B = 'LR')", "Invalid clause(s) in filter string: '('", 20)]
    [InlineData("metrics.A > 0.1 AND", "Invalid clause(s) in filter string: a comparison is incomplete", 19)]
    [InlineData("metrics.A > 0.1 params.B = 'x'", "Invalid clause(s) in filter string: 'params.B'", 16)]
    [InlineData("`metrics.A > 0.1", "Invalid clause(s) in filter string", 0)]
    [InlineData("param`.A > 0.1", "Invalid clause(s) in filter string", 0)]
    [InlineData("attribute.experiment_id != 1", "Invalid attribute key", 0)]
    [InlineData("attribute.status = true", "Invalid clause(s) in filter string", 19)]
    [InlineData("dataset.profile = 'n'", "Invalid dataset key", 0)]
    [InlineData("metrics.acc IS NULL", "IS NULL / IS NOT NULL is only supported for tags and params", 12)]
    [InlineData("attribute.status IS NULL", "IS NULL / IS NOT NULL is only supported for tags and params", 17)]
    [InlineData("metric.model = 'LR'", "Expected numeric value type for metric", 15)]
    [InlineData("metrics.acc != metrics.acc", "Expected numeric value type for metric", 15)]
    [InlineData("start_time = '5'", "Expected numeric value type for numeric attribute: start_time", 13)]
    [InlineData("params.acc = 5", "Expected a quoted string value for param", 13)]
    [InlineData("tags.acc = 5", "Expected a quoted string value for tag", 11)]
    [InlineData("1.0 > metrics.acc", "Expected 'Identifier' found '1.0'", 0)]
    [InlineData("'a' = 'a'", "Invalid attribute key 'a'", 0)]
    [InlineData("attribute.status = 1", "Expected a quoted string value for attributes", 19)]
    [InlineData("params.acc = LR", "value is either not quoted or unidentified quote types", 13)]
    [InlineData("params.acc = `LR`", "value is either not quoted or unidentified quote types", 13)]
    [InlineData("params.'acc = LR", "Invalid clause(s) in filter string", 0)]
    [InlineData("params.acc = 'LR", "Invalid clause(s) in filter string", 13)]
    [InlineData("params.acc = LR'", "Invalid clause(s) in filter string", 13)]
    [InlineData("params.acc = \"LR'", "Invalid clause(s) in filter string", 13)]
    [InlineData("tags.acc = = 'LR'", "Invalid clause(s) in filter string: '='", 11)]
    [InlineData("attribute.status IS 'RUNNING'", "Invalid clause(s) in filter string: 'IS'", 17)]
    [InlineData("params.acc LR !=", "Invalid clause(s) in filter string: 'LR'", 11)]
    [InlineData("metric.acc !=", "Invalid clause(s) in filter string", 13)]
    [InlineData("1==2", "Expected 'Identifier' found '1'", 0)]
    [InlineData("metrics.a ~ 1.0", "Invalid comparator '~'", 10)]
    [InlineData("metrics.a == 1", "Invalid comparator '=='", 10)]
    [InlineData("params.a > 'x'", "Invalid comparator '>'", 9)]
    [InlineData("metrics.a LIKE 1", "Invalid comparator 'LIKE'", 10)]
    [InlineData("params.a IN ('x')", "Invalid comparator 'IN'", 9)]
    [InlineData("status IN ('x')", "Only the 'run_id' attribute supports comparison with a list", 7)]
    [InlineData("run_id IN ()", "expected a non-empty list of string values, but got empty list", 11)]
    [InlineData("run_id IN (1)", "expected string value, punctuation, or whitespace", 11)]
    [InlineData("run_id IN ('a' 'b')", "ill-formed list", 15)]
    [InlineData("run_id IN ('a'", "ill-formed list", 14)]
    [InlineData("run_id = ('a')", "Invalid clause(s) in filter string", 9)]
    [InlineData("tags.a = 'x' -- b", "Invalid clause(s) in filter string", 13)]
    [InlineData("tags.a/b = 'x'", "Invalid clause(s) in filter string", 6)]
    [InlineData("tags.a = 'x\0'", "Invalid clause(s) in filter string", 11)]
    [InlineData("metrics.1e5x. > 'x'", "Expected numeric", 16)]
    [InlineData("metrics.a > 1e", "Invalid clause(s) in filter string", 12)]
    public void Parse_Runs_PointsAtTheMistake(string filter, string message, int offset)
    {
        var error = Assert.Throws<FilterException>(() => FilterParser.Parse(SearchGrammar.Runs, filter));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.Equal(offset, error.Offset);
        var place = offset == filter.Length ? "at its end" : $"at character {offset + 1}:";
        Assert.Contains(place, error.Message, StringComparison.Ordinal);
        Assert.Equal(ErrorCode.InvalidInput, error.Code);
        Assert.True(error.Message.Length < 500 && !error.Message.Any(char.IsControl));
    }

    [Fact]
    public void Parse_HalfASurrogatePair_IsRefused()
    {
        Check(SearchGrammar.Runs, $"tags.a = 'x{(char)0xd800}'", "Invalid clause(s)");
        Check(SearchGrammar.Runs, $"tags.`{(char)0xde00}` = 'x'", "Invalid clause(s)");
        Check(SearchGrammar.Runs, "tags.`😀` = '😀'", null);
    }

    [Theory]
    [InlineData("name LIKE 'a%' AND creation_time > 5 AND tags.x IS NULL", null)]
    [InlineData("metrics.x > 1", "Invalid entity type")]
    [InlineData("experiment_id = 1", "Invalid attribute key")]
    [InlineData("name IN ('a')", "Invalid comparator")]
    [InlineData("name > 'a'", "Invalid comparator")]
    [InlineData("name IS NULL", "IS NULL / IS NOT NULL is only supported for tags")]
    public void Parse_Experiments(string filter, string? message) => Check(SearchGrammar.Experiments, filter, message);

    [Theory]
    [InlineData("name ilike 'a%' AND tag.`mlflow.prompt.is_prompt` = 'true'", null)]
    [InlineData("attribute.name = \"a\"", null)]
    [InlineData("run_id = 'a'", "Invalid attribute key")]
    [InlineData("creation_timestamp > 1", "Invalid attribute key")]
    [InlineData("tags.a IS NULL", "Invalid clause(s)")]
    public void Parse_RegisteredModels(string filter, string? message) =>
        Check(SearchGrammar.RegisteredModels, filter, message);

    [Theory]
    [InlineData("name = 'a' AND source_path LIKE '%' AND run_id IN ('a')", null)]
    [InlineData("version_number >= 2 AND tags.x != 'y'", null)]
    [InlineData("version_number = '2'", "Expected numeric value type for numeric attribute: version_number")]
    [InlineData("name IN ('a')", "Invalid comparator 'IN'")]
    [InlineData("current_stage = 'None'", "Invalid attribute key")]
    public void Parse_ModelVersions(string filter, string? message) =>
        Check(SearchGrammar.ModelVersions, filter, message);

    [Theory]
    [InlineData("attributes.name IN ('A', 'b') AND metrics.f1 > 0.5", null)]
    [InlineData("params.x NOT IN ('1') AND tags.y ILIKE 'z'", null)]
    [InlineData("creation_timestamp > 5 AND last_updated_timestamp <= 6 AND status = 'READY'", null)]
    [InlineData("metric.f1 > 0.5", "Invalid entity type")]
    [InlineData("metrics.f1 LIKE 'a'", "Expected numeric value type")]
    [InlineData("name ~ 'a'", "Invalid comparison operator")]
    [InlineData("name = 'a' OR name = 'b'", "Invalid filter string")]
    public void Parse_LoggedModels(string filter, string? message) =>
        Check(SearchGrammar.LoggedModels, filter, message);

    [Theory]
    [InlineData("metrics.a", "Metric a False")]
    [InlineData("metrics.`a b` deSC", "Metric a b True")]
    [InlineData("params.\"x\"  ASC ", "Param x False")]
    [InlineData("tags.mlflow.user", "Tag mlflow.user False")]
    [InlineData("Created desc", "Attribute start_time True")]
    [InlineData("attributes.run_id", "Attribute run_id False")]
    public void ParseOrder_Runs_Understands(string item, string expected)
    {
        var ordering = Assert.Single(OrderByParser.Parse(SearchGrammar.Runs, [item]));
        Assert.Equal(expected, $"{ordering.Kind} {ordering.Key} {ordering.Descending}");
    }

    [Theory]
    [InlineData("m.acc", "Invalid entity type")]
    [InlineData("acc", "Invalid attribute key")]
    [InlineData("`metrics.A", "Invalid order_by clause")]
    [InlineData("`metrics.A`", "Invalid entity type")]
    [InlineData("attribute.experiment_id", "Invalid attribute key")]
    [InlineData("metrics.A != 1", "Invalid order_by clause")]
    [InlineData("metrics.A DESC, metrics.B", "Invalid order_by clause")]
    [InlineData("attribute.run_id ACS", "Invalid ordering key")]
    [InlineData("dataset.name", "Invalid order_by entity")]
    [InlineData("", "Invalid order_by clause")]
    [InlineData("'metrics'", "Invalid order_by clause")]
    public void ParseOrder_Runs_Refuses(string item, string message) => CheckOrder(SearchGrammar.Runs, message, item);

    [Fact]
    public void ParseOrder_FieldTwice_IsRefused()
    {
        CheckOrder(SearchGrammar.Runs, "order_by` contains duplicate", "created", "metrics.a", "start_time");
        CheckOrder(SearchGrammar.RegisteredModels, "duplicate", "timestamp", "last_updated_timestamp DESC");
        CheckOrder(SearchGrammar.RegisteredModels, "Invalid order by key", "creation_timestamp DESC");
        CheckOrder(SearchGrammar.RegisteredModels, "Invalid order_by clause", "timestamp somerandomstuff ASC");
        CheckOrder(SearchGrammar.Experiments, "Invalid order_by entity", "tags.x");
    }

    [Theory]
    [InlineData("tags.a='x' AND ")]
    [InlineData("(")]
    [InlineData("'")]
    [InlineData("`a`.")]
    [InlineData("a.")]
    [InlineData("\"\"")]
    [InlineData("NOT ")]
    [InlineData("9")]
    [InlineData("run_id IN ('a','b','c') AND ")]
    public void Parse_HundredThousandCharacters_IsRefusedAtOnce(string piece)
    {
        var filter = string.Concat(Enumerable.Repeat(piece, 100_000 / piece.Length));
        var clock = Stopwatch.StartNew();
        var error = Assert.Throws<FilterException>(() => FilterParser.Parse(SearchGrammar.Runs, filter));
        Assert.True(clock.ElapsedMilliseconds < 500, $"{clock.ElapsedMilliseconds} ms");
        Assert.True(error.Message.Length < 500);
    }

    [Fact]
    public void Parse_LongList_IsRead()
    {
        var filter = $"run_id IN ({string.Join(", ", Enumerable.Range(0, 20_000).Select(i => $"'r{i}'"))})";
        var clause = Assert.Single(FilterParser.Parse(SearchGrammar.Runs, filter));
        Assert.Equal(20_000, Assert.IsType<string[]>(clause.Value).Length);
    }

    [Fact]
    public void Parse_RandomTokens_ThrowNothingButTheFilterError()
    {
        var random = new Random(11);
        string[] pieces =
        [
            "metrics", "metric.", "params.", "tags.a", ".", "`", "\"", "'", "''", "run_id", "name", "start_time", " ",
            " AND ", " and ", "IN", " NOT ", " IS ", "NULL", " LIKE ", "ILIKE", "(", ")", ",", ";", "=", "!=", "<",
            ">=", "1", "-", "1.5", "e", "1e9999", "999999999999999999999", "\0", "\ud83d", "\ude00", "é", "--",
            "/*", "\\", "%",
            "'x'", "\"y\"", "`z`", "tags.`a b`", "OR", "\n", "\u2028", "true", "*", "_", "\t", "~",
        ];
        SearchGrammar[] grammars =
        [
            SearchGrammar.Runs, SearchGrammar.Experiments, SearchGrammar.RegisteredModels, SearchGrammar.ModelVersions,
            SearchGrammar.LoggedModels,
        ];
        var accepted = 0;
        for (var round = 0; round < 40_000; round++)
        {
            var text = string.Concat(
                Enumerable.Range(0, random.Next(1, 9)).Select(_ => pieces[random.Next(pieces.Length)]));
            accepted += Accepts(() => FilterParser.Parse(grammars[round % grammars.Length], text));
            accepted += Accepts(() => OrderByParser.Parse(grammars[round % grammars.Length], [text]));
        }

        Assert.True(accepted > 30, $"{accepted} accepted");
    }

    [Fact]
    public void Parse_RandomBytes_ThrowNothingButTheFilterError()
    {
        var random = new Random(12);
        for (var round = 0; round < 15_000; round++)
        {
            var letters = new char[random.Next(1, 60)];
            for (var i = 0; i < letters.Length; i++)
                letters[i] = random.Next(3) == 0 ? (char)random.Next(char.MaxValue + 1) : (char)random.Next(32, 127);
            Accepts(() => FilterParser.Parse(SearchGrammar.Runs, new string(letters)));
            Accepts(() => OrderByParser.Parse(SearchGrammar.Runs, [new string(letters)]));
        }
    }

    private static int Accepts(Action parse)
    {
        try
        {
            parse();
            return 1;
        }
        catch (FilterException)
        {
            return 0;
        }
    }

    private static void Check(SearchGrammar grammar, string filter, string? message)
    {
        if (message is null)
            Assert.NotEmpty(FilterParser.Parse(grammar, filter));
        else
            Assert.Contains(
                message, Assert.Throws<FilterException>(() => FilterParser.Parse(grammar, filter)).Message,
                StringComparison.Ordinal);
    }

    private static void CheckOrder(SearchGrammar grammar, string message, params string[] items) => Assert.Contains(
        message, Assert.Throws<FilterException>(() => OrderByParser.Parse(grammar, items)).Message,
        StringComparison.Ordinal);

    private static string Describe(Comparison clause) =>
        $"{clause.Kind} {clause.Key} {clause.Operator} {Describe(clause.Value)}";

    private static string Describe(object? value) => value switch
    {
        string[] list => $"[{string.Join(' ', list)}]",
        IFormattable number => number.ToString(null, System.Globalization.CultureInfo.InvariantCulture),
        _ => value?.ToString() ?? "",
    };
}
