using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Gyre.Serving.Requests;
using Gyre.Tabular;

namespace Gyre.Serving.Slots;

/// <summary>
/// The classes of a model and the form in which their labels travel: as the target's type is, whole numbers, true and
/// false, or text. Immutable.
/// </summary>
/// <param name="Names">The classes, in the model's order.</param>
/// <param name="TargetType">The type of the target column.</param>
internal sealed record ClassLabels(ImmutableArray<string> Names, ColumnType TargetType)
{
    /// <summary>The datatype of a tensor of labels.</summary>
    public TensorDatatype Datatype => TargetType switch
    {
        ColumnType.Integer => TensorDatatype.Int64,
        ColumnType.Boolean => TensorDatatype.Bool,
        _ => TensorDatatype.Bytes,
    };

    /// <summary>Writes the label of a class.</summary>
    public void Write(Utf8JsonWriter json, int @class) => Write(json, Names[@class]);

    /// <summary>Writes a label in the form that the target's type has, where its text allows it.</summary>
    public void Write(Utf8JsonWriter json, string label)
    {
        if (TargetType is ColumnType.Integer
            && long.TryParse(label, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
            json.WriteNumberValue(number);
        else if (TargetType is ColumnType.Boolean && bool.TryParse(label, out var flag)) json.WriteBooleanValue(flag);
        else json.WriteStringValue(label);
    }

    /// <summary>Writes the label of a class as a raw element of <see cref="Datatype"/>.</summary>
    public void WriteRaw(IBufferWriter<byte> raw, int @class)
    {
        var label = Names[@class];
        if (TargetType is ColumnType.Integer)
            RawElements.Write(raw, [long.Parse(label, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture)]);
        else if (TargetType is ColumnType.Boolean) RawElements.Write(raw, [bool.Parse(label)]);
        else RawElements.Write(raw, label);
    }
}
