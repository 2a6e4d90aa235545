using System.Collections.Immutable;
using System.Globalization;
using Gyre.Data.Inspection;
using Gyre.Data.Snapshots;
using Gyre.Data.Sources;
using Gyre.Data.Sql;
using Gyre.Primitives;
using Gyre.Tabular;

namespace Gyre.Data;

/// <summary>Reads a source once and says what it holds, how it may be checked and what would hurt a model. Thread-safe.</summary>
public sealed class SourceInspector
{
    private const string Raw = "gyre_raw";
    private const string Typed = "gyre_typed";
    private const long SampledRows = 20_000;

    /// <summary>How the engine works.</summary>
    public SqlEngineOptions EngineOptions { get; init; } = new();

    /// <summary>Types that the user states, by column; all others are inferred.</summary>
    public IReadOnlyDictionary<string, ColumnType> StatedTypes { get; init; } = new Dictionary<string, ColumnType>();

    /// <summary>Inspects a source. Nothing is left on disk.</summary>
    /// <param name="source">The files.</param>
    /// <param name="target">The column to predict, or null.</param>
    /// <param name="time">The Timestamp column that orders the rows; null takes the only one there is, if so.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="GyreException">
    /// A file is unreadable, has no rows, mixes numbers and words in a column; the target or time column does not exist or does not serve.
    /// </exception>
    public Task<SourceInspection> InspectAsync(
        SourceDefinition source, string? target, string? time, CancellationToken cancellationToken) =>
        Task.Run(() => Inspect(source, target, time, cancellationToken), cancellationToken);

    private SourceInspection Inspect(
        SourceDefinition source, string? target, string? time, CancellationToken cancellationToken)
    {
        using var engine = new SqlEngine(EngineOptions);
        var relation = SourceRelation.Open(engine, SourceFiles.Resolve(engine, source), cancellationToken);
        var place = relation.Files.Length == 1 ? relation.Files[0].Path : $"{relation.Files[0].Path} and {relation.Files.Length - 1} more";
        if (target is not null && !relation.Columns.Any(c => c.Name == target))
            throw GyreException.Invalid($"{place}: there is no target column '{target}'{ColumnNames.Hint(relation.Columns.Select(c => c.Name), target)}");
        var rows = Load(engine, relation, place, cancellationToken);
        var types = InferTypes(engine, relation, rows, target, cancellationToken);
        var schema = Convert(engine, relation, types, cancellationToken);
        var profiles = ColumnProfiles.Query(engine, Typed, schema, rows, cancellationToken);
        schema = new Schema(profiles.Select(p => schema[p.Name] with { Type = p.Type, Nullable = p.Missing > 0 }));
        time = TimeInference.Choose(time, profiles, place);
        var inference = target is null
            ? null
            : TargetInference.Of(engine, Typed, profiles.Single(p => p.Name == target), place);
        var warnings = Warn(engine, schema, profiles, rows, target, inference, time, cancellationToken);
        var features = Suggest(profiles, warnings, target);
        if (target is not null && features.IsEmpty)
            warnings = warnings.Add(new DataWarning("no-features", null, $"no column is left to predict '{target}' from", []));
        return new SourceInspection(
            schema, rows, profiles, target, inference?.Task, inference?.PositiveClass, time,
            ContractInference.Infer(profiles, rows, target, inference?.Task), warnings, features)
        {
            CalendarColumns = CalendarColumns.Find(engine, Typed, schema, time, target, rows, cancellationToken),
        };
    }

    private static long Load(
        SqlEngine engine, SourceRelation relation, string place, CancellationToken cancellationToken)
    {
        SourceError.Translate(relation.Files, () =>
        {
            engine.Execute($"CREATE TABLE {Raw} AS {relation.Sql}", cancellationToken);
            return true;
        });
        var rows = long.Parse(engine.QueryText($"SELECT count(*) FROM {Raw}") ?? "0", CultureInfo.InvariantCulture);
        return rows > 0 ? rows : throw GyreException.Invalid($"{place}: no rows");
    }

    private Dictionary<string, ColumnType> InferTypes(
        SqlEngine engine, SourceRelation relation, long rows, string? target, CancellationToken cancellationToken)
    {
        var types = new Dictionary<string, ColumnType>(StringComparer.Ordinal);
        foreach (var images in relation.Columns.Where(c => c.Image is not null)) types[images.Name] = ColumnType.Image;
        var statistics = TextStatistics.Query(
            engine, Raw, [.. relation.Columns.Where(c => c.Image is null)], rows, cancellationToken);
        foreach (var s in statistics)
        {
            types[s.Column.Name] = StatedTypes.TryGetValue(s.Column.Name, out var stated)
                ? stated
                : TypeInference.OfValues(s) ?? throw MixedColumn.Error(engine, relation, s);
        }

        if (target is not null && types[target] == ColumnType.Text) types[target] = ColumnType.Categorical;
        var open = statistics.Where(s => s.Column.Name != target && !StatedTypes.ContainsKey(s.Column.Name)).ToList();
        var consecutive = Consecutive(engine, open.Where(s => types[s.Column.Name] == ColumnType.Integer), cancellationToken);
        foreach (var s in open)
        {
            if (TypeInference.IsId(s, types[s.Column.Name], consecutive.Contains(s.Column.Name))) types[s.Column.Name] = ColumnType.Id;
        }

        return types;
    }

    // 1, 2, 3 … down the file.
    private static HashSet<string> Consecutive(
        SqlEngine engine, IEnumerable<TextStatistics> integers, CancellationToken cancellationToken)
    {
        var unique = integers.Where(s => s.Distinct == s.Present && s.Present > 1).ToList();
        var answers = ColumnAggregates.Query(engine, Raw, unique.Select(s =>
        {
            var value = TypedSql.Value(s.Column, ColumnType.Integer);
            return new[] { $"max({value}) - min({value}) + 1 = count({value}) AND corr({value}, rowid) > 0.999999" };
        }), cancellationToken);
        return [.. unique.Where((_, i) => answers[i][0] is true).Select(s => s.Column.Name)];
    }

    private static Schema Convert(
        SqlEngine engine, SourceRelation relation, Dictionary<string, ColumnType> types, CancellationToken cancellationToken)
    {
        var columns = relation.Columns.Select(c => $"{TypedSql.Value(c, types[c.Name])} AS {SqlText.Name(c.Name)}");
        engine.Execute(
            $"CREATE TABLE {Typed} AS SELECT {string.Join(", ", columns)} FROM {Raw}; DROP TABLE {Raw}", cancellationToken);
        return new Schema(relation.Columns.Select(c => new ColumnDefinition(c.Name, types[c.Name]) { Image = c.Image }));
    }

    private static ImmutableArray<DataWarning> Warn(
        SqlEngine engine, Schema schema, ImmutableArray<ColumnProfile> profiles, long rows, string? target,
        TargetInference? inference, string? time, CancellationToken cancellationToken)
    {
        var warnings = ImmutableArray.CreateBuilder<DataWarning>();
        if (target is not null && inference is not null)
        {
            warnings.AddRange(Leakage(engine, schema, profiles, rows, target, inference.Task, cancellationToken));
            warnings.AddRange(RowWarnings.OfTarget(profiles.Single(p => p.Name == target), inference, rows));
        }

        warnings.AddRange(RowWarnings.OfColumns(profiles, rows, target));
        if (RowWarnings.Duplicates(engine, Typed, schema, rows, cancellationToken) is { } duplicates) warnings.Add(duplicates);
        if (time is not null && TimeInference.Gaps(engine, Typed, time) is { } gaps) warnings.Add(gaps);
        return warnings.ToImmutable();
    }

    private static ImmutableArray<DataWarning> Leakage(
        SqlEngine engine, Schema schema, ImmutableArray<ColumnProfile> profiles, long rows, string target,
        TaskKind task, CancellationToken cancellationToken)
    {
        var candidates = profiles.Where(p => p.Name != target && IsLearnable(p)).Select(p => p.Name).ToList();
        if (candidates.Count == 0) return [];
        var step = Math.Max(1, (rows + SampledRows - 1) / SampledRows);
        var columns = string.Join(", ", candidates.Append(target).Select(SqlText.Name));
        var sample = engine.Query(string.Create(CultureInfo.InvariantCulture,
            $"SELECT {columns} FROM {Typed} WHERE hash(rowid) % {step} = 0 AND {SqlText.Name(target)} IS NOT NULL"),
            schema, cancellationToken);
        return new LeakageDetector(sample, target, task).Find(candidates);
    }

    private static ImmutableArray<string> Suggest(
        ImmutableArray<ColumnProfile> profiles, ImmutableArray<DataWarning> warnings, string? target)
    {
        var leaking = warnings.Where(w => w.Code == "target-leakage").SelectMany(w => w.Columns).ToHashSet(StringComparer.Ordinal);
        return [.. profiles.Where(p => p.Name != target && (IsLearnable(p) || p is { Type: ColumnType.Text or ColumnType.Image, Distinct: > 1 }) && !leaking.Contains(p.Name)).Select(p => p.Name)];
    }

    private static bool IsLearnable(ColumnProfile p) =>
        p.Distinct > 1 && p.Type is ColumnType.Numeric or ColumnType.Integer or ColumnType.Boolean or ColumnType.Categorical;
}
