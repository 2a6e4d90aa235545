using System.Data.Common;
using System.Globalization;
using System.Text;
using Gyre.Tracking.Search;

namespace Gyre.Tracking.Tests.Search;

/// <summary>
/// Fills a database with random rows, few and alike so that clauses hit and orders tie, searches them with random
/// filters, orders and page sizes, and holds every page against <see cref="Entity"/>.
/// </summary>
internal sealed class SearchOracle(DbConnection connection, int seed)
{
    private const int Rounds = 300;

    private static readonly string[] Patterns =
        ["%", "x%", "X_", "%Y%", "_", "é%", "%TÉ", "%\\", "a'b", "__", "%%z", "5\\_", "", "\U0001F600_", "50%"];

    private static readonly string[] NumberTexts =
        ["0", "1", "-1", "0.5", "1e-300", "2", ".25", "-0", "1e400", "3.0", "99999999999999999999", "-1e30", "2.5"];

    private static readonly string[] Symbols = ["=", "!=", "<", "<=", ">", ">="];

    private readonly Random _random = new(seed);
    private readonly SearchRows _rows = new(connection, new Random(seed));

    public void CheckRuns()
    {
        var runs = Enumerable.Range(0, 60).Select(_ => _rows.Run()).ToList();
        Rounded(SearchGrammar.Runs, "metrics params tags attributes datasets", (filter, order, size, check) =>
        {
            // Small enough for the way of large experiments, now and then.
            var limits = _random.Next(2) == 0 ? CandidateLimits.Default : new CandidateLimits(0, 2, 1);
            long[] experiments = _random.Next(3) == 0 ? [1] : [2, 1, 7];
            var view = (ViewType)_random.Next(1, 4);
            var hidden = view switch { ViewType.ActiveOnly => "deleted", ViewType.DeletedOnly => "active", _ => "" };
            var clauses = FilterParser.Parse(SearchGrammar.Runs, filter);
            List<Ordering> by = [.. OrderByParser.Parse(SearchGrammar.Runs, order)];
            if (!by.Any(item => item is { Kind: FieldKind.Attribute, Key: "start_time" }))
                by.Add(new Ordering(FieldKind.Attribute, "start_time", FieldType.Integer, true));
            by.Add(new Ordering(FieldKind.Attribute, "run_id", FieldType.Text, false));
            check(
                runs.Where(run => experiments.Contains((long)run.Attributes["experiment_id"]!)
                    && (string)run.Attributes["stage"]! != hidden && run.Matches(clauses)),
                by,
                token => RunSearch.Search(connection, new RunSearchQuery
                {
                    ExperimentIds = experiments, Filter = filter, OrderBy = order, MaxResults = size, ViewType = view,
                    PageToken = token,
                }, limits));
        });
        Assert.Empty(RunSearch.Search(connection, new RunSearchQuery { ExperimentIds = [] }).Items);
    }

    public void CheckExperiments()
    {
        var experiments = Enumerable.Range(1, 30).Select(_rows.Experiment).ToList();
        Rounded(SearchGrammar.Experiments, "tags attributes", (filter, order, size, check) =>
        {
            var clauses = FilterParser.Parse(SearchGrammar.Experiments, filter);
            List<Ordering> by = [.. OrderByParser.Parse(
                SearchGrammar.Experiments, order.Length == 0 ? ["creation_time DESC", "experiment_id"] : order)];
            by.Add(new Ordering(FieldKind.Attribute, "experiment_id", FieldType.Integer, true));
            check(
                experiments.Where(item => (string)item.Attributes["stage"]! == "active" && item.Matches(clauses)), by,
                token => Texted(ExperimentSearch.Search(connection, new ExperimentSearchQuery
                {
                    Filter = filter, OrderBy = order, MaxResults = size, PageToken = token,
                })));
        });
    }

    public void CheckModels()
    {
        var models = Enumerable.Range(0, 12).Select(_rows.Model).ToList();
        var prompts = models.Where(model => model.Tags.GetValueOrDefault("mlflow.prompt.is_prompt") == "true").ToList();
        Assert.NotEmpty(prompts);
        Rounded(SearchGrammar.RegisteredModels, "tags attributes", (filter, order, size, check) =>
        {
            var asks = _random.Next(4) == 0;
            if (asks) filter += (filter.Length > 0 ? " AND " : "") + "tags.`mlflow.prompt.is_prompt` = 'true'";
            var clauses = FilterParser.Parse(SearchGrammar.RegisteredModels, filter);
            List<Ordering> by = [.. OrderByParser.Parse(SearchGrammar.RegisteredModels, order)];
            by.Add(new Ordering(FieldKind.Attribute, "name", FieldType.Text, false));
            check(models.Where(model => prompts.Contains(model) == asks && model.Matches(clauses)), by,
                token => RegisteredModelSearch.Search(connection, new ModelSearchQuery
                {
                    Filter = filter, OrderBy = order, MaxResults = size, PageToken = token,
                }));
        });
    }

    public void CheckVersions()
    {
        var versions = Enumerable.Range(0, 8).Select(_rows.Model).ToList()
            .SelectMany(model => Enumerable.Range(1, _random.Next(1, 6)).Select(number => _rows.Version(model, number)))
            .ToList();
        Rounded(SearchGrammar.ModelVersions, "tags attributes", (filter, order, size, check) =>
        {
            var clauses = FilterParser.Parse(SearchGrammar.ModelVersions, filter);
            List<Ordering> by = [.. OrderByParser.Parse(
                SearchGrammar.ModelVersions, order.Length == 0 ? ["last_updated_timestamp DESC"] : order)];
            by.Add(new Ordering(FieldKind.Attribute, "name", FieldType.Text, false));
            by.Add(new Ordering(FieldKind.Attribute, "version_number", FieldType.Integer, true));
            check(versions.Where(v => (string)v.Attributes["stage"]! != "Deleted_Internal" && v.Matches(clauses)), by,
                token => Texted(ModelVersionSearch.Search(connection, new ModelSearchQuery
                {
                    Filter = filter, OrderBy = order, MaxResults = size, PageToken = token,
                })));
        });
    }

    public void CheckLoggedModels()
    {
        var models = Enumerable.Range(0, 40).Select(_ => _rows.LoggedModel()).ToList();
        Rounded(SearchGrammar.LoggedModels, "metrics params tags attributes", (filter, order, size, check) =>
        {
            var clauses = FilterParser.Parse(SearchGrammar.LoggedModels, filter);
            List<LoggedModelOrdering> items = [.. OrderByParser.Parse(SearchGrammar.LoggedModels, order)
                .Where(item => item.Kind is FieldKind.Metric or FieldKind.Attribute && item.Key != "status")
                .Select(item => new LoggedModelOrdering(
                    item.Kind == FieldKind.Metric ? $"metrics.{item.Key}" : item.Key, !item.Descending))];
            List<Ordering> by = [.. LoggedModelOrder.Parse(items).Select(
                pair => new Ordering(pair.Field.Kind, pair.Field.Key, pair.Field.Type, !pair.Item.Ascending))];
            by.Add(new Ordering(FieldKind.Attribute, "creation_timestamp_ms", FieldType.Integer, true));
            by.Add(new Ordering(FieldKind.Attribute, "model_id", FieldType.Text, false));
            check(models.Where(model => (string)model.Attributes["stage"]! == "active" && model.Matches(clauses)), by,
                token => LoggedModelSearch.Search(connection, new LoggedModelSearchQuery
                {
                    ExperimentIds = [1, 2], Filter = filter, OrderBy = items, MaxResults = size, PageToken = token,
                }));
        });
    }

    private delegate void Check(
        IEnumerable<Entity> expected, IReadOnlyList<Ordering> order, Func<string?, Page<string>> search);

    private void Rounded(
        SearchGrammar grammar, string entities, Action<string, string[], int, Check> round)
    {
        var found = 0;
        for (var i = 0; i < Rounds; i++)
        {
            var filter = string.Join(" AND ", Times(_random.Next(4), () => Clause(grammar, entities.Split(' '))));
            var order = Times(_random.Next(3), () => OrderItem(grammar)).ToArray();
            if (Duplicates(grammar, order)) continue;
            var size = _random.Next(1, 12);
            round(filter, order, size, (matching, by, search) =>
            {
                var expected = matching.ToList();
                expected.Sort((one, other) => Entity.Compare(one, other, by));
                Compare($"{filter} ORDER BY {string.Join(", ", order)}", expected, size, search);
                found += expected.Count;
            });
        }

        Assert.True(found > Rounds, $"Only {found} rows were found in {Rounds} searches.");
    }

    private void Compare(string what, List<Entity> expected, int size, Func<string?, Page<string>> search)
    {
        var ids = expected.ConvertAll(entity => entity.Id);
        var actual = new List<string>();
        string? token = null;
        do
        {
            var page = search(token);
            var rows = Math.Min(size, ids.Count - actual.Count);
            Assert.True(page.Items.Count == rows, $"{what}: {page.Items.Count} rows");
            actual.AddRange(page.Items);
            token = page.NextPageToken;
            Assert.True(token is null == (actual.Count == ids.Count), $"{what}: token {token}");
        }
        while (token is not null);
        Assert.True(ids.SequenceEqual(actual), $"{what}\n{string.Join(' ', ids)}\n{string.Join(' ', actual)}");
        var offset = _random.Next(1, ids.Count + 2);
        var mlflow = Convert.ToBase64String(Encoding.UTF8.GetBytes($$"""{"offset": {{offset}}}"""));
        Assert.Equal(ids.Skip(offset).Take(size), search(mlflow).Items);
    }

    private static bool Duplicates(SearchGrammar grammar, string[] order)
    {
        try
        {
            OrderByParser.Parse(grammar, order);
            return false;
        }
        catch (FilterException ex) when (ex.Message.Contains("duplicate", StringComparison.Ordinal))
        {
            return true;
        }
    }

    private string Clause(SearchGrammar grammar, string[] entities)
    {
        var entity = entities[_random.Next(entities.Length)];
        if (entity == "metrics") return $"metrics.{Key()} {Pick(Symbols)} {Pick(NumberTexts)}";
        if (entity == "attributes")
        {
            var rule = grammar.Attributes[Pick(grammar.Attributes.Keys.Order(StringComparer.Ordinal).ToArray())];
            if (rule.Name == "experiment_id") return "name != 'nothing'";
            return rule.Type == FieldType.Integer
                ? $"{rule.Name} {Pick(Symbols)} {Pick(NumberTexts)}"
                : $"`{rule.Name}` {TextCondition(rule.TakesLists || grammar.ListsEverywhere, false)}";
        }

        if (entity == "datasets") return $"dataset.{Pick(["name", "digest", "context"])} {TextCondition(true, false)}";
        var kind = entity == "params" ? FieldKind.Param : FieldKind.Tag;
        return $"{entity}.{Key()} {TextCondition(grammar.ListsEverywhere, grammar.Nullable.Contains(kind))}";
    }

    private string TextCondition(bool lists, bool nullable) => _random.Next(lists ? 8 : 6) switch
    {
        0 when nullable => "IS NULL",
        1 when nullable => "is not null",
        0 or 1 => $"= {Quoted(Pick(SearchRows.Texts))}",
        2 or 3 => $"!= {Quoted(Pick(SearchRows.Texts))}",
        4 => $"LIKE {Quoted(Pick(Patterns))}",
        5 => $"ILIKE {Quoted(Pick(Patterns))}",
        6 => $"IN ({string.Join(", ", Times(_random.Next(1, 4), () => Quoted(Pick(SearchRows.Texts))))})",
        _ => $"NOT IN ({string.Join(", ", Times(_random.Next(1, 4), () => Quoted(Pick(SearchRows.Texts))))})",
    };

    private string OrderItem(SearchGrammar grammar)
    {
        var direction = Pick(["", " ASC", " desc"]);
        if (grammar.OrdersByKey && _random.Next(2) == 0)
            return $"{Pick(["metrics", "params", "tags"])}.{Key()}{direction}";
        return Pick(grammar.Orderable.Keys.Where(key => !key.Contains(' ', StringComparison.Ordinal))
            .Order(StringComparer.Ordinal).ToArray()) + direction;
    }

    private string Key()
    {
        var key = Pick(SearchRows.Keys);
        return key == "a" ? key : $"`{key.Replace("`", "``", StringComparison.Ordinal)}`";
    }

    private static string Quoted(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";

    private static Page<string> Texted<T>(Page<T> page) => new(
        [.. page.Items.Select(item => string.Create(CultureInfo.InvariantCulture, $"{item}"))], page.NextPageToken);

    private List<T> Times<T>(int count, Func<T> make) => [.. Enumerable.Range(0, count).Select(_ => make())];

    private T Pick<T>(T[] values) => values[_random.Next(values.Length)];
}
