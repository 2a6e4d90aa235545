using System.Text.Json;

namespace Gyre.Serving.Requests;

/// <summary>
/// Reads one tensor, the values of one column: first all of its properties, then its data, because <c>data</c> may
/// stand before the shape and datatype that say how to read it.
/// </summary>
internal ref struct TensorReader
{
    private const int LongestShape = 8;

    private long _rows;
    private long[]? _shape;
    private int _rank;
    private bool _isColumn;
    private bool _isBinary;
    private string? _datatype;
    private Utf8JsonReader _values;
    private bool _hasValues;

    /// <summary>The tensor's name, once read.</summary>
    public string? Name { get; private set; }

    /// <summary>The row being read.</summary>
    public int Row { get; private set; }

    /// <summary>
    /// Reads the properties up to the end of the tensor's object, and remembers where its data stands.
    /// </summary>
    public void ReadHeader(ref Utf8JsonReader json)
    {
        while (json.Read() && json.TokenType is JsonTokenType.PropertyName)
        {
            if (json.ValueTextEquals("name"u8)) Name = ReadString(ref json, "name");
            else if (json.ValueTextEquals("datatype"u8)) _datatype = ReadString(ref json, "datatype");
            else if (json.ValueTextEquals("shape"u8)) ReadShape(ref json);
            else if (json.ValueTextEquals("parameters"u8)) ReadParameters(ref json);
            else if (json.ValueTextEquals("data"u8))
            {
                JsonBody.Next(ref json);
                _values = json;
                _hasValues = true;
                json.Skip();
            }
            else json.Skip();
        }
    }

    /// <summary>Reads the data into a column's reader.</summary>
    /// <returns>The number of rows, at least 1.</returns>
    /// <exception cref="RequestRejectedException">
    /// Datatype, shape or data do not fit the column or each other.
    /// </exception>
    public int ReadValues(ColumnReader column)
    {
        if (column is ImageColumnReader images && _datatype != TensorDatatype.Bytes.Name) return ReadImages(images);
        var datatype = CheckHeader(column);
        if (_values.TokenType is not JsonTokenType.StartArray)
            throw Reject(RejectionReason.BadShape, "'data' is not an array");
        while (_values.Read() && _values.TokenType is not JsonTokenType.EndArray)
        {
            // [[1],[2]] and [1,2] are the same data of shape [2,1]; of shape [2] only the second is.
            var nested = _values.TokenType is JsonTokenType.StartArray;
            if (nested && !_isColumn)
                throw Reject(RejectionReason.BadShape, $"row {Row} is an array, the shape is [{_rows}]");
            if (nested) JsonBody.Next(ref _values);
            if (nested && _values.TokenType is JsonTokenType.EndArray) throw Ragged();
            CheckScalar(datatype);
            column.Read(ref _values);
            if (nested)
            {
                JsonBody.Next(ref _values);
                if (_values.TokenType is not JsonTokenType.EndArray) throw Ragged();
            }

            Row++;
        }

        if (Row != _rows) throw Reject(RejectionReason.BadShape, $"the shape says {_rows} rows, the data has {Row}");
        return Row;
    }

    // The numbers may be nested as the shape says, or flat, or anything between: only their order counts.
    private int ReadImages(ImageColumnReader column)
    {
        var datatype = CheckDatatype(column);
        var shape = column.Shape;
        long[] expected = shape.Channels == 1 && _rank == 3
            ? [_rows, shape.Height, shape.Width] : [_rows, shape.Height, shape.Width, shape.Channels];
        if (_shape is null || !_shape.AsSpan(0, _rank).SequenceEqual(expected))
        {
            throw Reject(RejectionReason.BadShape,
                $"the shape is [{string.Join(", ", _shape?.Take(_rank) ?? [])}]; the model takes images of [rows, {shape.Height}, {shape.Width}, {shape.Channels}]");
        }

        if (_rows == 0) throw Reject(RejectionReason.NoRows, "the shape says 0 rows");
        if (_values.TokenType is not JsonTokenType.StartArray)
            throw Reject(RejectionReason.BadShape, "'data' is not an array");
        for (var depth = 1; depth > 0;)
        {
            JsonBody.Next(ref _values);
            if (_values.TokenType is JsonTokenType.StartArray) depth++;
            else if (_values.TokenType is JsonTokenType.EndArray) depth--;
            else
            {
                CheckScalar(datatype);
                column.AddPixel(ref _values);
                Row = column.Count;
            }
        }

        if (Row != _rows || !column.IsWhole)
            throw Reject(RejectionReason.BadShape, $"the shape says {_rows} images, the data has {Row} whole ones");
        return Row;
    }

    private readonly TensorDatatype CheckHeader(ColumnReader column)
    {
        var datatype = CheckDatatype(column);
        if (_rank > 2 || (_rank == 2 && !_isColumn))
            throw Reject(RejectionReason.BadShape, "the shape must be [rows] or [rows, 1]: one tensor per column");
        if (_rows == 0) throw Reject(RejectionReason.NoRows, "the shape says 0 rows");
        return datatype;
    }

    private readonly TensorDatatype CheckDatatype(ColumnReader column)
    {
        if (_isBinary)
            throw Reject(RejectionReason.BadJson, "binary tensor data is not supported; send 'data' as JSON");
        if (!_hasValues) throw Reject(RejectionReason.BadJson, "the tensor has no 'data'");
        if (_datatype is null) throw Reject(RejectionReason.BadJson, "the tensor has no 'datatype'");
        var datatype = TensorDatatype.Find(_datatype) ?? throw Reject(RejectionReason.WrongType,
            $"the datatype '{RequestRejectedException.Shorten(_datatype)}' is not one that JSON can carry");
        if (!column.Accepts(datatype))
            throw Reject(RejectionReason.WrongType, $"{_datatype} cannot become the column's type without loss");
        return _rank == 0 ? throw Reject(RejectionReason.BadShape, "the tensor has no 'shape'") : datatype;
    }

    // The column's reader checks the value against the column; this checks it against the datatype the client declared.
    // FP32 values are kept as written: 0.1 means the 0.1 that the model was trained on, the model itself rounds it.
    private readonly void CheckScalar(TensorDatatype datatype)
    {
        var token = _values.TokenType;
        var json = _values;
        var fits = token is JsonTokenType.Null || datatype.Kind switch
        {
            TensorKind.Bool => token is JsonTokenType.True or JsonTokenType.False
                || (WholeNumber.TryRead(ref json, out var bit) && bit is 0 or 1),
            TensorKind.Integer => WholeNumber.TryRead(ref json, out var value)
                && value >= datatype.Least && value <= datatype.Greatest,
            TensorKind.Float => token is JsonTokenType.Number || IsNotFinite(ref json),
            _ => token is JsonTokenType.String,
        };
        if (token is JsonTokenType.StartArray or JsonTokenType.StartObject)
            throw Reject(RejectionReason.BadShape, $"row {Row} is not a scalar");
        if (!fits && IsNotFinite(ref json) && datatype.Kind is not TensorKind.Bytes)
            throw Reject(RejectionReason.NotFinite, $"row {Row} is not a finite number; send null for a missing value");
        if (!fits) throw Reject(RejectionReason.WrongType, $"row {Row} is no value of datatype {datatype.Name}");
    }

    private static bool IsNotFinite(ref Utf8JsonReader json) =>
        json.TokenType is JsonTokenType.String && NotFiniteText.Matches(json.ValueSpan);

    private void ReadShape(ref Utf8JsonReader json)
    {
        _rank = 0;
        JsonBody.Next(ref json);
        if (json.TokenType is not JsonTokenType.StartArray)
            throw Reject(RejectionReason.BadShape, "'shape' is no array");
        while (json.Read() && json.TokenType is not JsonTokenType.EndArray)
        {
            if (!WholeNumber.TryRead(ref json, out var length) || length < 0 || _rank == LongestShape)
                throw Reject(RejectionReason.BadShape, "'shape' is not a short list of lengths");
            if (_rank == 0) _rows = length;
            if (_rank == 1) _isColumn = length == 1;
            (_shape ??= new long[LongestShape])[_rank] = length;
            _rank++;
        }
    }

    private void ReadParameters(ref Utf8JsonReader json)
    {
        JsonBody.Next(ref json);
        if (json.TokenType is not JsonTokenType.StartObject)
        {
            json.Skip();
            return;
        }

        while (json.Read() && json.TokenType is JsonTokenType.PropertyName)
        {
            _isBinary |= json.ValueTextEquals("binary_data_size"u8);
            json.Skip();
        }
    }

    private readonly string ReadString(ref Utf8JsonReader json, string property)
    {
        JsonBody.Next(ref json);
        if (json.TokenType is not JsonTokenType.String)
            throw Reject(RejectionReason.BadJson, $"'{property}' of a tensor is not a string");
        return json.GetString()!; // a string token has text
    }

    private readonly RequestRejectedException Ragged() =>
        Reject(RejectionReason.BadShape, $"row {Row} does not hold one value, as the shape says");

    private readonly RequestRejectedException Reject(RejectionReason reason, string problem) => Name is null
        ? RequestRejectedException.Whole(reason, $"A tensor: {problem}.")
        : RequestRejectedException.In(reason, Name, problem);
}
