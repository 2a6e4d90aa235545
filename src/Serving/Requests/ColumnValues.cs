using System.Text.Json;

namespace Gyre.Serving.Requests;

/// <summary>Reads the data of a tensor in JSON as the values of a column.</summary>
internal static class ColumnValues
{
    /// <summary>Reads all rows.</summary>
    /// <param name="header">What the tensor says of itself, complete.</param>
    /// <param name="json">Stands on the beginning of the data; on its end afterwards.</param>
    /// <param name="column">Takes the values.</param>
    /// <returns>The number of rows, at least 1.</returns>
    /// <exception cref="RequestRejectedException">
    /// Datatype, shape or data do not fit the column or each other.
    /// </exception>
    public static int Read(ref TensorHeader header, ref Utf8JsonReader json, ColumnReader column)
    {
        var datatype = ElementCheck.RequireJson(header);
        if (!column.Accepts(datatype))
            throw header.Reject(RejectionReason.WrongType, $"{datatype.Name} cannot become the column's type without loss");
        var rows = TensorShape.RowsOf(column, datatype, header.Shape);
        if (json.TokenType is not JsonTokenType.StartArray)
            throw header.Reject(RejectionReason.BadShape, "'data' is not an array");
        if (column is ImageColumnReader images && datatype.Kind is not TensorKind.Bytes)
            ReadImages(ref header, ref json, images, datatype);
        else ReadScalars(ref header, ref json, column, datatype);
        if (header.Row != rows || !column.IsWhole)
        {
            throw header.Reject(
                RejectionReason.BadShape, $"the shape says {rows} rows, the data has {header.Row} whole ones");
        }

        return rows;
    }

    private static void ReadScalars(
        ref TensorHeader header, ref Utf8JsonReader json, ColumnReader column, TensorDatatype datatype)
    {
        var isColumn = header.Shape.Length == 2;
        while (json.Read() && json.TokenType is not JsonTokenType.EndArray)
        {
            // [[1],[2]] and [1,2] are the same data of shape [2,1]; of shape [2] only the second is.
            var nested = json.TokenType is JsonTokenType.StartArray;
            if (nested && !isColumn)
            {
                throw header.Reject(RejectionReason.BadShape,
                    $"row {header.Row} is an array, the shape is {TensorShape.Describe(header.Shape)}");
            }

            if (nested) JsonBody.Next(ref json);
            if (nested && json.TokenType is JsonTokenType.EndArray) throw Ragged(header);
            ElementCheck.Require(header, ref json, datatype);
            column.Read(ref json);
            if (nested)
            {
                JsonBody.Next(ref json);
                if (json.TokenType is not JsonTokenType.EndArray) throw Ragged(header);
            }

            header.Row++;
        }
    }

    // The numbers may be nested as the shape says, or flat, or anything between: only their order counts.
    private static void ReadImages(
        ref TensorHeader header, ref Utf8JsonReader json, ImageColumnReader column, TensorDatatype datatype)
    {
        for (var depth = 1; depth > 0;)
        {
            JsonBody.Next(ref json);
            if (json.TokenType is JsonTokenType.StartArray) depth++;
            else if (json.TokenType is JsonTokenType.EndArray) depth--;
            else
            {
                ElementCheck.Require(header, ref json, datatype);
                column.AddPixel(ref json);
                header.Row = column.Count;
            }
        }
    }

    private static RequestRejectedException Ragged(in TensorHeader header) =>
        header.Reject(RejectionReason.BadShape, $"row {header.Row} does not hold one value, as the shape says");
}

/// <summary>Checks elements in JSON against the datatype that the client declared.</summary>
internal static class ElementCheck
{
    /// <summary>The datatype of a tensor whose data is JSON.</summary>
    /// <exception cref="RequestRejectedException">JSON cannot carry it.</exception>
    public static TensorDatatype RequireJson(in TensorHeader header)
    {
        var datatype = header.Datatype ?? throw header.Reject(RejectionReason.BadJson, "the tensor has no 'datatype'");
        return datatype.HasJson
            ? datatype
            : throw header.Reject(RejectionReason.WrongType,
                $"{datatype.Name} has no form in JSON; send it as binary data");
    }

    /// <summary>
    /// Demands that the reader stands on an element of the datatype, or null. FP32 values are kept as written: 0.1
    /// means the 0.1 that the model was trained on, the model itself rounds it.
    /// </summary>
    /// <exception cref="RequestRejectedException">It does not.</exception>
    public static void Require(in TensorHeader header, ref Utf8JsonReader json, TensorDatatype datatype)
    {
        var token = json.TokenType;
        if (token is JsonTokenType.Number && datatype.Kind is TensorKind.Float) return;
        if (token is JsonTokenType.String && datatype.Kind is TensorKind.Bytes) return;
        var fits = token is JsonTokenType.Null || datatype.Kind switch
        {
            TensorKind.Bool => token is JsonTokenType.True or JsonTokenType.False
                || (WholeNumber.TryRead(ref json, out var bit) && bit is 0 or 1),
            TensorKind.Integer => WholeNumber.TryRead(ref json, out var value)
                && value >= datatype.Least && value <= datatype.Greatest,
            TensorKind.Float => IsNotFinite(ref json),
            _ => false,
        };
        if (!fits) throw Reject(header, ref json, datatype);
    }

    /// <summary>What is wrong with the value that the reader stands on.</summary>
    public static RequestRejectedException Reject(
        in TensorHeader header, ref Utf8JsonReader json, TensorDatatype datatype)
    {
        if (json.TokenType is JsonTokenType.StartArray or JsonTokenType.StartObject)
            return header.Reject(RejectionReason.BadShape, $"row {header.Row} is not a scalar");
        if (IsNotFinite(ref json) && datatype.Kind is not TensorKind.Bytes)
        {
            return header.Reject(RejectionReason.NotFinite,
                $"row {header.Row} is not a finite number; send null for a missing value");
        }

        return header.Reject(RejectionReason.WrongType, $"row {header.Row} is no value of datatype {datatype.Name}");
    }

    private static bool IsNotFinite(ref Utf8JsonReader json) =>
        json.TokenType is JsonTokenType.String && NotFiniteText.Matches(json.ValueSpan);
}
