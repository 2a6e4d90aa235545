using System.Collections.Immutable;
using System.Text.Json;
using Gyre.Serving.Recording;
using Gyre.Tabular;

namespace Gyre.Serving.Engine;

/// <summary>What a request gives a model, whatever protocol it came by. Immutable.</summary>
internal abstract class ModelInputs
{
    /// <summary>The number of rows; at least 1.</summary>
    public abstract int Rows { get; }

    /// <summary>Writes one row as a JSON object, input name to value, as the prediction log keeps it.</summary>
    public abstract void WriteRow(Utf8JsonWriter json, int row);
}

/// <summary>Columns, for models that know their raw columns.</summary>
/// <param name="table">The columns, in the order of the model's inputs.</param>
/// <param name="jsonNames">Their names, as <see cref="JsonNames"/> makes them once for all requests.</param>
internal sealed class TableInputs(Table table, ImmutableArray<JsonEncodedText> jsonNames) : ModelInputs
{
    public TableInputs(Table table)
        : this(table, JsonNames(table.Schema))
    {
    }

    /// <summary>The columns, in the order of the model's inputs.</summary>
    public Table Table => table;

    public override int Rows => table.RowCount;

    public override void WriteRow(Utf8JsonWriter json, int row)
    {
        json.WriteStartObject();
        for (var i = 0; i < jsonNames.Length; i++)
        {
            var column = table.ColumnAt(i);
            json.WritePropertyName(jsonNames[i]);
            if (column.IsMissing(row)) json.WriteNullValue();
            else
            {
                switch (column)
                {
                    case Column<double> numbers: json.WriteNumberValue(numbers.Values[row]); break;
                    case Column<long> integers: json.WriteNumberValue(integers.Values[row]); break;
                    case Column<bool> flags: json.WriteBooleanValue(flags.Values[row]); break;
                    case ImageColumn images: json.WriteStringValue(Fingerprint(images.Image(row))); break;
                    case CategoricalColumn strings: json.WriteStringValue(strings.StringAt(row)); break;
                }
            }
        }

        json.WriteEndObject();
    }

    /// <summary>The names of columns as the log writes them.</summary>
    public static ImmutableArray<JsonEncodedText> JsonNames(Schema schema) =>
        [.. schema.Select(column => JsonEncodedText.Encode(column.Name, PooledJson.Options.Encoder))];

    // Megabytes of pixels do not belong into a log; the hash still tells whether an image is the one that was sent.
    private static string Fingerprint(ReadOnlySpan<byte> image) =>
        $"sha256:{Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(image))}";
}
