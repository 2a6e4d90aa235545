using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Gyre.Serving.Requests;

/// <summary>
/// What a tensor in JSON says of itself, besides its data. Nothing is allocated for a tensor that is in order.
/// </summary>
internal struct TensorHeader
{
    private const int LongestShape = 8;

    private Lengths _shape;
    private int _rank = -1;

    public TensorHeader()
    {
    }

    /// <summary>The tensor's name, or null while none has been read.</summary>
    public string? Name { get; private set; }

    /// <summary>The model's input of that name; -1 when there is none.</summary>
    public int Index { get; private set; } = -1;

    /// <summary>The datatype, or null while none has been read.</summary>
    public TensorDatatype? Datatype { get; private set; }

    /// <summary>Its bytes behind the JSON (<c>binary_data_size</c>), or -1.</summary>
    public long BinarySize { get; private set; } = -1;

    /// <summary>How many bytes of JSON are left for the data; every element takes one of them.</summary>
    public long Available { get; set; }

    /// <summary>The row or element being read.</summary>
    public int Row { get; set; }

    /// <summary>Whether there is a shape.</summary>
    public readonly bool HasShape => _rank >= 0;

    /// <summary>Whether data can be read as it stands.</summary>
    public readonly bool IsComplete => Name is not null && Datatype is not null && HasShape && BinarySize < 0;

    /// <summary>The lengths.</summary>
    [UnscopedRef]
    public readonly ReadOnlySpan<long> Shape => ((ReadOnlySpan<long>)_shape)[..Math.Max(0, _rank)];

    /// <summary>
    /// The header of an array that says nothing of itself: its shape is that of the first elements.
    /// </summary>
    /// <param name="name">The model's input.</param>
    /// <param name="index">Its position.</param>
    /// <param name="datatype">What the model takes there.</param>
    /// <param name="data">Stands on the beginning of the array, or on a scalar.</param>
    public static TensorHeader Of(string name, int index, TensorDatatype datatype, Utf8JsonReader data)
    {
        var header = new TensorHeader { Name = name, Index = index, Datatype = datatype };
        var rank = 0;
        while (data.TokenType is JsonTokenType.StartArray)
        {
            if (rank == LongestShape) throw header.Reject(RejectionReason.BadShape, "the array is nested too deeply");
            JsonBody.Next(ref data);
            var first = data;
            var length = 0L;
            for (; data.TokenType is not JsonTokenType.EndArray; length++)
            {
                data.Skip();
                JsonBody.Next(ref data);
            }

            header._shape[rank++] = length;
            if (length > 0) data = first;
        }

        header._rank = rank;
        return header;
    }

    /// <summary>Reads the name.</summary>
    public void ReadName(ref Utf8JsonReader json, InputCollector inputs)
    {
        ExpectString(ref json, "name");
        Index = inputs.IndexOf(ref json);
        Name = Index >= 0 ? inputs.Names[Index] : json.GetString()!; // a string token has text
    }

    /// <summary>Reads the datatype.</summary>
    public void ReadDatatype(ref Utf8JsonReader json)
    {
        ExpectString(ref json, "datatype");
        Datatype = TensorDatatype.Find(ref json)
            ?? throw TensorDatatype.Unknown(Name, json.GetString()!); // a string token has text
    }

    /// <summary>Reads the shape.</summary>
    public void ReadShape(ref Utf8JsonReader json)
    {
        JsonBody.Next(ref json);
        if (json.TokenType is not JsonTokenType.StartArray)
            throw Reject(RejectionReason.BadShape, "'shape' is no array");
        var rank = 0;
        while (json.Read() && json.TokenType is not JsonTokenType.EndArray)
        {
            if (!WholeNumber.TryRead(ref json, out var length) || length < 0 || rank == LongestShape)
                throw Reject(RejectionReason.BadShape, "'shape' is not a short list of lengths");
            _shape[rank++] = length;
        }

        _rank = rank;
    }

    /// <summary>Reads the parameters: those that this server does not know are passed over.</summary>
    public void ReadParameters(ref Utf8JsonReader json)
    {
        JsonBody.Next(ref json);
        if (json.TokenType is not JsonTokenType.StartObject)
        {
            json.Skip();
            return;
        }

        while (json.Read() && json.TokenType is JsonTokenType.PropertyName)
        {
            if (!json.ValueTextEquals("binary_data_size"u8))
            {
                json.Skip();
                continue;
            }

            JsonBody.Next(ref json);
            if (!WholeNumber.TryRead(ref json, out var size) || size < 0)
                throw Reject(RejectionReason.BadJson, "'binary_data_size' is no number of bytes");
            BinarySize = size;
        }
    }

    /// <summary>Demands name, shape and datatype.</summary>
    /// <exception cref="RequestRejectedException">One is missing, or the model has no such input.</exception>
    public readonly void Require()
    {
        if (Name is null) throw RequestRejectedException.Whole(RejectionReason.BadJson, "A tensor has no name.");
        if (Index < 0) throw InputCollector.Unknown(Name);
        if (Datatype is null) throw Reject(RejectionReason.BadJson, "the tensor has no 'datatype'");
        if (!HasShape) throw Reject(RejectionReason.BadShape, "the tensor has no 'shape'");
    }

    /// <summary>How many elements the shape announces, at least 1.</summary>
    /// <exception cref="RequestRejectedException">It announces none, or more than the body can hold.</exception>
    public readonly long CountElements()
    {
        var elements = TensorShape.ElementsOf(Name ?? "", Shape);
        return elements <= Available
            ? elements
            : throw Reject(RejectionReason.BadShape,
                $"the shape {TensorShape.Describe(Shape)} says {elements} elements, which the body cannot hold");
    }

    /// <summary>A mistake in this tensor.</summary>
    public readonly RequestRejectedException Reject(RejectionReason reason, string problem) => Name is null
        ? RequestRejectedException.Whole(reason, $"A tensor: {problem}.")
        : RequestRejectedException.In(reason, Name, problem);

    private readonly void ExpectString(ref Utf8JsonReader json, string property)
    {
        JsonBody.Next(ref json);
        if (json.TokenType is not JsonTokenType.String)
            throw Reject(RejectionReason.BadJson, $"'{property}' of a tensor is not a string");
    }

    [InlineArray(LongestShape)]
    private struct Lengths
    {
        private long _first;
    }
}
