using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Gyre.Tabular;

namespace Gyre.Serving.Requests;

/// <summary>Collects the values of one column from JSON, one row after another. One per column and request.</summary>
internal abstract class ColumnReader(ColumnDefinition definition)
{
    /// <summary>The column.</summary>
    public string Name => definition.Name;

    /// <summary>How many rows have been read.</summary>
    public int Count { get; protected set; }

    /// <summary>Whether the last value has all its elements; only values of images have several.</summary>
    public virtual bool IsWhole => true;

    /// <summary>Whether a request may leave the column out: it is then missing in every row.</summary>
    public bool Optional { get; set; }

    /// <summary>Reads nothing: the row does not mention the column.</summary>
    public void ReadAbsent()
    {
        AddMissing();
        Count++;
    }

    /// <summary>A reader for a column of any type.</summary>
    public static ColumnReader Create(ColumnDefinition definition) => definition.Type switch
    {
        ColumnType.Numeric => new NumericColumnReader(definition),
        ColumnType.Integer => new IntegerColumnReader(definition),
        ColumnType.Boolean => new BooleanColumnReader(definition),
        ColumnType.Timestamp => new TimestampColumnReader(definition),
        ColumnType.Image => new ImageColumnReader(definition),
        _ => new StringColumnReader(definition),
    };

    /// <summary>Whether tensors of a datatype can hold this column's values.</summary>
    public abstract bool Accepts(TensorDatatype datatype);

    /// <summary>Reads the scalar that the reader stands on as the next row's value.</summary>
    /// <exception cref="RequestRejectedException">It is no value of this column.</exception>
    public void Read(ref Utf8JsonReader json)
    {
        if (json.TokenType is not JsonTokenType.Null) ReadValue(ref json);
        else if (definition.Nullable) AddMissing();
        else throw Reject(RejectionReason.MissingValue, "null, but the column may not be missing");
        Count++;
    }

    /// <summary>Reads a whole number as the next row's value, or as the next pixel of it.</summary>
    /// <exception cref="RequestRejectedException">It is no value of this column.</exception>
    public void Read(long value)
    {
        ReadValue(value);
        if (IsWhole) Count++;
    }

    /// <summary>Reads a number as the next row's value, or as the next pixel of it; NaN is missing.</summary>
    /// <exception cref="RequestRejectedException">It is no value of this column.</exception>
    public void Read(double value)
    {
        if (double.IsFinite(value)) ReadValue(value);
        else if (double.IsNaN(value) && definition.Nullable) AddMissing();
        else if (double.IsNaN(value)) throw Reject(RejectionReason.NotFinite, "NaN, but the column may not be missing");
        else throw Reject(RejectionReason.NotFinite, "not a finite number");
        if (IsWhole) Count++;
    }

    /// <summary>Reads a truth value as the next row's value.</summary>
    /// <exception cref="RequestRejectedException">It is no value of this column.</exception>
    public void Read(bool value)
    {
        ReadValue(value);
        Count++;
    }

    /// <summary>Reads bytes, usually UTF-8, as the next row's value.</summary>
    /// <exception cref="RequestRejectedException">They are no value of this column.</exception>
    public void Read(ReadOnlySpan<byte> bytes)
    {
        ReadValue(bytes);
        Count++;
    }

    /// <summary>The values read; the reader begins anew afterwards.</summary>
    public Column Build()
    {
        var column = Take();
        Count = 0;
        return column;
    }

    /// <summary>The values read, which the reader gives away.</summary>
    protected abstract Column Take();

    protected ColumnDefinition Definition => definition;

    protected abstract void ReadValue(ref Utf8JsonReader json);

    protected virtual void ReadValue(long value) => throw Unfit(value.ToString(CultureInfo.InvariantCulture));

    protected virtual void ReadValue(double value) => throw Unfit(value.ToString(CultureInfo.InvariantCulture));

    protected virtual void ReadValue(bool value) => throw Unfit(value ? "true" : "false");

    protected virtual void ReadValue(ReadOnlySpan<byte> bytes) => throw Unfit("a string");

    protected abstract void AddMissing();

    /// <summary>A mistake in the row being read.</summary>
    protected RequestRejectedException Reject(RejectionReason reason, string problem) =>
        RequestRejectedException.At(reason, Name, Count, problem);

    protected RequestRejectedException WrongType(ref Utf8JsonReader json, string wanted) =>
        Reject(RejectionReason.WrongType, $"{Describe(ref json)} is not {wanted}");

    protected RequestRejectedException Unfit(string value, string? wanted = null) => Reject(RejectionReason.WrongType,
        wanted is null ? $"{value} is no value of this column" : $"{value} is not {wanted}");

    /// <summary>Text of a tensor's element.</summary>
    protected string ReadText(ReadOnlySpan<byte> bytes)
    {
        if (!Utf8.IsValid(bytes)) throw Reject(RejectionReason.WrongType, "the bytes are not valid UTF-8");
        return Encoding.UTF8.GetString(bytes);
    }

    private static string Describe(ref Utf8JsonReader json) => json.TokenType switch
    {
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "an array",
        JsonTokenType.String => $"\"{RequestRejectedException.Shorten(json.GetString()!)}\"", // a string token has text
        _ => RequestRejectedException.Shorten(Encoding.UTF8.GetString(json.ValueSpan)),
    };
}

/// <summary>
/// Columns of unmanaged values. Missing ones are marked aside, so that no mask is made for a request without any.
/// </summary>
internal abstract class MaskedColumnReader<T>(ColumnDefinition definition) : ColumnReader(definition)
    where T : unmanaged
{
    private ValueBuffer<T> _values;
    private List<int>? _missing;

    protected override Column Take()
    {
        bool[]? mask = null;
        if (_missing is not null)
        {
            mask = new bool[_values.Count];
            foreach (var row in _missing) mask[row] = true;
            _missing = null;
        }

        return new Column<T>(Name, Definition.Type, _values.Take(), mask);
    }

    protected void Add(T value) => _values.Add(value);

    protected override void AddMissing()
    {
        (_missing ??= []).Add(Count);
        _values.Add(default);
    }
}
