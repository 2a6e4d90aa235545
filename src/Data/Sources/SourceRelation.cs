using System.Collections.Immutable;
using Gyre.Data.Sql;
using Gyre.DuckDb;
using Gyre.Primitives;
using Gyre.Tabular;

namespace Gyre.Data.Sources;

/// <summary>A column as the engine reads it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="SqlType">`VARCHAR` for text formats; a Parquet column's own type when all files agree on it.</param>
internal sealed record SourceColumn(string Name, string SqlType)
{
    public const string Text = "VARCHAR";

    /// <summary>The size of its images; null when it is not known to hold any.</summary>
    public ImageShape? Image { get; init; }
}

/// <summary>A source as SQL: rows in file order, columns in order of first appearance.</summary>
internal sealed record SourceRelation(string Sql, ImmutableArray<SourceColumn> Columns, ImmutableArray<SourceFile> Files)
{
    // The engine plans aggregates over more columns too slowly: a clear refusal instead of minutes.
    private const int MostColumns = 2000;

    /// <summary>Looks at each file's header or footer and writes the query that reads them all.</summary>
    /// <param name="engine">Reads the files, and keeps images.</param>
    /// <param name="files">All of images, or none.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <param name="schema">What is wanted: the size and channels of images.</param>
    /// <exception cref="GyreException">A file is unreadable.</exception>
    public static SourceRelation Open(
        SqlEngine engine, ImmutableArray<SourceFile> files, CancellationToken cancellationToken, Schema? schema = null)
    {
        if (files[0].IsImages)
        {
            var wanted = schema is not null && schema.TryGet(ImageRelation.ImageColumn, out var image) ? image.Image : null;
            return ImageRelation.Open(engine, files, wanted, cancellationToken);
        }

        var parts = new List<Part>();
        foreach (var file in files)
        {
            var part = SourceError.Translate([file], () => Describe(engine, file, cancellationToken));
            if (parts.Count > 0 && parts[^1].CanTake(part)) parts[^1].Paths.Add(file.Path);
            else parts.Add(part);
        }

        var columns = Unite(parts);
        if (columns.Length > MostColumns)
            throw GyreException.Invalid($"{files[0].Path}: {columns.Length} columns, more than the {MostColumns} that can be inspected");
        var byName = columns.ToDictionary(c => c.Name, c => c.SqlType, StringComparer.OrdinalIgnoreCase);
        var selects = parts.Select(part => $"SELECT {string.Join(", ", part.Columns.Select(c => Select(c, byName)))} FROM {part.Sql}");
        return new SourceRelation(string.Join(" UNION ALL BY NAME ", selects), columns, files);
    }

    /// <summary>The column of a name.</summary>
    /// <exception cref="GyreException">There is none; the message has a hint when one is spelt alike.</exception>
    public SourceColumn Find(string name)
    {
        if (Columns.FirstOrDefault(c => c.Name == name) is { } found) return found;
        var place = Files.Length == 1 ? Files[0].Path : $"{Files[0].Path} and {Files.Length - 1} more";
        throw GyreException.Invalid($"{place}: there is no column '{name}'{ColumnNames.Hint(Columns.Select(c => c.Name), name)}");
    }

    /// <summary>The same without rows that repeat an earlier one.</summary>
    public SourceRelation Distinct()
    {
        var all = string.Join(", ", Columns.Select(c => SqlText.Name(c.Name)));
        return this with
        {
            Sql = $"""
                SELECT {all} FROM (SELECT {all}, row_number() OVER () AS "gyre row" FROM ({Sql}))
                QUALIFY row_number() OVER (PARTITION BY {all} ORDER BY "gyre row") = 1 ORDER BY "gyre row"
                """,
        };
    }

    private static string Select(SourceColumn column, Dictionary<string, string> types)
    {
        var name = SqlText.Name(column.Name);
        return types[column.Name] == column.SqlType ? name : $"CAST({name} AS {SourceColumn.Text}) AS {name}";
    }

    private static ImmutableArray<SourceColumn> Unite(List<Part> parts)
    {
        var index = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        var columns = new List<SourceColumn>();
        foreach (var column in parts.SelectMany(part => part.Columns))
        {
            if (index.TryAdd(column.Name, columns.Count)) columns.Add(column);
            else if (columns[index[column.Name]] is var first && first.SqlType != column.SqlType)
                columns[index[column.Name]] = first with { SqlType = SourceColumn.Text };
        }

        return [.. columns];
    }

    private static Part Describe(SqlEngine engine, SourceFile file, CancellationToken cancellationToken) =>
        file.Format switch
        {
            SourceFormat.Csv => DescribeCsv(file, cancellationToken),
            SourceFormat.Parquet => DescribeParquet(engine, file),
            _ => DescribeJson(engine, file, cancellationToken),
        };

    private static Part DescribeCsv(SourceFile file, CancellationToken cancellationToken)
    {
        var header = CsvHeader.Read(file, cancellationToken);
        var columns = AllText(header.Names);
        return new Part(
            file,
            [.. header.Names.Select(name => new SourceColumn(name, SourceColumn.Text))],
            files => $"""
                read_csv({files}, auto_detect=false, header=true, strict_mode=true, columns={columns},
                delim={SqlText.Literal(header.Delimiter.ToString())}, quote='"', escape='"', nullstr='', compression='{Compression(file)}')
                """);
    }

    private static Part DescribeParquet(SqlEngine engine, SourceFile file) =>
        new(file, DescribeQuery(engine, $"read_parquet({SqlText.Literal(SourceFiles.Escape(file.Path))})"),
            files => $"read_parquet({files})");

    private static Part DescribeJson(SqlEngine engine, SourceFile file, CancellationToken cancellationToken)
    {
        if (file.IsGzip) GzipCheck.Run(file, cancellationToken);
        var described = DescribeQuery(engine, $"""
            read_json({SqlText.Literal(SourceFiles.Escape(file.Path))}, format='newline_delimited', records=true,
            sample_size=-1, maximum_depth=1, compression='{Compression(file)}')
            """);
        var columns = AllText(described.Select(column => column.Name));
        return new Part(
            file,
            [.. described.Select(column => column with { SqlType = SourceColumn.Text })],
            files => $"""
                read_json({files}, format='newline_delimited', records=true, columns={columns},
                compression='{Compression(file)}')
                """);
    }

    private static ImmutableArray<SourceColumn> DescribeQuery(SqlEngine engine, string relation)
    {
        var answer = engine.Query($"SELECT column_name, column_type FROM (DESCRIBE FROM {relation})");
        return [.. Enumerable.Range(0, answer.RowCount).Select(row => new SourceColumn(
            (string)answer.Columns[0].ValueAt(row)!, (string)answer.Columns[1].ValueAt(row)!))]; // never NULL
    }

    private static string AllText(IEnumerable<string> names) =>
        $"{{{string.Join(", ", names.Select(name => $"{SqlText.Literal(name)}: '{SourceColumn.Text}'"))}}}";

    private static string Compression(SourceFile file) => file.IsGzip ? "gzip" : "uncompressed";

    /// <summary>Neighbouring files that one table function reads.</summary>
    private sealed class Part(SourceFile first, ImmutableArray<SourceColumn> columns, Func<string, string> sql)
    {
        public List<string> Paths { get; } = [first.Path];

        public ImmutableArray<SourceColumn> Columns => columns;

        public string Sql => sql(SqlText.List(Paths.Select(SourceFiles.Escape)));

        // Two parts are alike when they would read the same list of files with the same words.
        public bool CanTake(Part other) =>
            Columns.SequenceEqual(other.Columns) && sql("") == other.Template;

        private string Template => sql("");
    }
}
