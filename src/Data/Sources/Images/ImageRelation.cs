using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Gyre.Data.Sql;
using Gyre.Primitives;
using Gyre.Tabular;

namespace Gyre.Data.Sources;

/// <summary>
/// Images as a relation: `image` (BLOB, height × width × channels bytes), `label` where images have classes, and `file`,
/// the path within the folder, for PNG files. All images have one size. They are decoded here, once; the engine gets
/// them as base64 in a temporary file, since it has no other way in, and keeps them as bytes in a table.
/// </summary>
internal static class ImageRelation
{
    public const string ImageColumn = "image";
    public const string Blob = "BLOB";

    private const string LabelColumn = "label";
    private const string FileColumn = "file";
    private const string Table = "gyre_images";

    /// <summary>Reads the files, all PNG or IDX.</summary>
    /// <param name="engine">Keeps the images.</param>
    /// <param name="files">At least one.</param>
    /// <param name="wanted">The size that images must have and the channels that they are converted to; null takes the
    /// first one's.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="GyreException">A file is damaged or of another size; names it.</exception>
    public static SourceRelation Open(
        SqlEngine engine, ImmutableArray<SourceFile> files, ImageShape? wanted, CancellationToken cancellationToken)
    {
        var hasLabels = files.All(f => f.Class is not null || f.Labels is not null);
        var hasFiles = files.All(f => f.Format == SourceFormat.Png);
        var path = Path.Combine(Path.GetTempPath(), $"gyre-{Path.GetRandomFileName()}.csv");
        try
        {
            ImageShape shape;
            using (var stream = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16))
            using (var text = new StreamWriter(stream, new UTF8Encoding(false)))
                shape = new Writer(text, wanted, cancellationToken).Write(files);
            engine.Execute($$"""
                CREATE OR REPLACE TABLE {{Table}} AS SELECT from_base64(image) AS {{ImageColumn}}
                {{(hasLabels ? $", {LabelColumn}" : "")}}{{(hasFiles ? $", {FileColumn}" : "")}}
                FROM read_csv({{SqlText.Literal(SourceFiles.Escape(path))}}, auto_detect=false, header=false, delim=',', quote='"',
                escape='"', columns={'image': 'VARCHAR', 'label': 'VARCHAR', 'file': 'VARCHAR'})
                """, cancellationToken);
            var columns = ImmutableArray.CreateBuilder<SourceColumn>();
            columns.Add(new SourceColumn(ImageColumn, Blob) { Image = shape });
            if (hasLabels) columns.Add(new SourceColumn(LabelColumn, SourceColumn.Text));
            if (hasFiles) columns.Add(new SourceColumn(FileColumn, SourceColumn.Text));
            return new SourceRelation($"SELECT * FROM {Table}", columns.ToImmutable(), files);
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>Refuses a schema whose image columns are not those of the source.</summary>
    /// <exception cref="GyreException">A column holds no images, images of another size, or images as another type.</exception>
    public static void Check(SqlEngine engine, SourceRelation relation, Schema schema, CancellationToken cancellationToken)
    {
        foreach (var column in schema)
        {
            var found = relation.Find(column.Name);
            var place = relation.Files[0].Path;
            if (column.Type != ColumnType.Image)
            {
                if (found.Image is null) continue;
                throw GyreException.Invalid($"{place}: column '{column.Name}' holds images; its type is `image {found.Image}`");
            }

            if (found.SqlType != Blob) throw GyreException.Invalid($"{place}: column '{column.Name}' holds no images");
            if (column.Image is not { } shape) throw new ArgumentException($"Column '{column.Name}' has no image size.", nameof(schema));
            var wrong = engine.QuerySmall(string.Create(CultureInfo.InvariantCulture, $"""
                SELECT row, bytes FROM (SELECT row_number() OVER () AS row, octet_length({SqlText.Name(column.Name)}) AS bytes
                FROM ({relation.Sql})) WHERE bytes IS NULL OR bytes <> {shape.Size} LIMIT 1
                """), cancellationToken);
            if (wrong.RowCount == 0) continue;
            throw GyreException.Invalid(
                $"{place}: column '{column.Name}', row {wrong.Columns[0].ValueAt(0)}: {wrong.Columns[1].ValueAt(0) ?? "no"} bytes; "
                + $"an image of {shape} has {shape.Size}");
        }
    }

    private sealed class Writer(StreamWriter text, ImageShape? wanted, CancellationToken cancellationToken)
    {
        private string _first = "";

        public ImageShape Write(ImmutableArray<SourceFile> files)
        {
            foreach (var file in files)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (file.Format == SourceFormat.Png) WritePng(file);
                else WriteIdx(file);
            }

            return wanted ?? throw GyreException.Invalid($"{files[0].Path}: no rows");
        }

        private void WritePng(SourceFile file)
        {
            try
            {
                var bytes = File.ReadAllBytes(file.Path);
                if (wanted is null)
                {
                    var shape = ImageFile.Measure(bytes);
                    wanted = shape with { Channels = shape.Channels >= 3 ? 3 : 1 }; // alpha is dropped unless asked for
                    _first = $" like {file.Path}";
                }

                Line(ImageFile.Decode(bytes, wanted.Value), file.Class, file.Name);
            }
            catch (GyreException error)
            {
                throw GyreException.Invalid($"{file.Path}: {error.Message}{(error.Message.EndsWith("needed", StringComparison.Ordinal) ? _first : "")}", error);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                throw GyreException.Invalid($"{file.Path}: cannot be read: {error.Message.ReplaceLineEndings(" ")}", error);
            }
        }

        private void WriteIdx(SourceFile file)
        {
            var labels = file.Labels is null
                ? null : IdxFile.ReadLabels(SourceFile.Open(file.Labels, SourceFormat.Idx));
            var row = 0;
            IdxFile.ReadImages(file, (shape, count) =>
            {
                wanted ??= shape;
                if (wanted != shape)
                    throw GyreException.Invalid($"{file.Path}: the images are {shape}; {wanted} is needed");
                if (labels is not null && labels.Length != count)
                    throw GyreException.Invalid($"{file.Labels}: {labels.Length} labels for {count} images");
            }, pixels =>
            {
                if ((row & 0xff) == 0) cancellationToken.ThrowIfCancellationRequested();
                Line(pixels, labels?[row].ToString(CultureInfo.InvariantCulture), null);
                row++;
            });
        }

        private void Line(byte[] pixels, string? label, string? file) =>
            text.Write($"{Convert.ToBase64String(pixels)},{Quoted(label)},{Quoted(file)}\n");

        private static string Quoted(string? value) =>
            value is null ? "" : $"\"{value.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }
}
