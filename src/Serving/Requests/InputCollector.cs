using System.Text;
using System.Text.Json;
using Gyre.Models;
using Gyre.Serving.Engine;
using Gyre.Serving.Slots;

namespace Gyre.Serving.Requests;

/// <summary>What a request may hold.</summary>
/// <param name="Elements">Elements of all its tensors together.</param>
/// <param name="Rows">Rows.</param>
internal readonly record struct RequestLimits(long Elements, int Rows);

/// <summary>
/// Gathers the tensors of one request into what the model takes: columns, or the tensors themselves. Every protocol of
/// tensors uses it. One per request.
/// </summary>
internal abstract class InputCollector(InputNames names, RequestLimits limits)
{
    private long _elements;
    private int _next;

    /// <summary>A collector for a model.</summary>
    public static InputCollector For(ServedModel model, RequestLimits limits) => model.Tensors is { } tensors
        ? new TensorCollector(tensors, limits) : new ColumnCollector(model.Inputs, limits);

    /// <summary>The names of the model's inputs.</summary>
    public InputNames Names => names;

    /// <summary>The input of the name that a reader stands on, or -1.</summary>
    public int IndexOf(ref Utf8JsonReader json)
    {
        var index = names.IndexOf(ref json, _next);
        _next = index + 1;
        return index;
    }

    /// <summary>The input of a name in UTF-8.</summary>
    /// <exception cref="RequestRejectedException">The model has no such input.</exception>
    public int Find(ReadOnlySpan<byte> name)
    {
        var index = names.IndexOf(name, _next);
        if (index < 0) throw Unknown(Encoding.UTF8.GetString(name));
        _next = index + 1;
        return index;
    }

    /// <summary>Takes a tensor of raw bytes.</summary>
    /// <param name="index">The model's input.</param>
    /// <param name="tensor">The tensor.</param>
    /// <exception cref="RequestRejectedException">It is not what the model takes.</exception>
    public void Add(int index, in RawTensor tensor)
    {
        Count(tensor.Name, tensor.Count);
        Take(index, tensor);
    }

    /// <summary>Takes the elements of a tensor in JSON.</summary>
    /// <param name="index">The model's input.</param>
    /// <param name="header">Name, shape and datatype, which have been read.</param>
    /// <param name="values">Stands on the beginning of the data; on its end afterwards.</param>
    /// <exception cref="RequestRejectedException">It is not what the model takes.</exception>
    public abstract void Add(int index, ref TensorHeader header, ref Utf8JsonReader values);

    /// <summary>What was gathered; the collector must not be used afterwards.</summary>
    /// <exception cref="RequestRejectedException">An input is missing.</exception>
    public abstract ModelInputs Build();

    /// <summary>A name that the model does not know.</summary>
    public static RequestRejectedException Unknown(string name) =>
        RequestRejectedException.In(RejectionReason.UnknownColumn, name, "the model has no such input");

    protected abstract void Take(int index, in RawTensor tensor);

    /// <summary>Counts elements before they are read.</summary>
    /// <exception cref="RequestRejectedException">There are too many.</exception>
    protected void Count(string name, long elements)
    {
        if (elements > limits.Elements - _elements)
        {
            throw RequestRejectedException.In(RejectionReason.TooLarge, name,
                $"with its {elements} elements the request has more than {limits.Elements}");
        }

        _elements += elements;
    }

    /// <summary>Checks the number of rows.</summary>
    /// <exception cref="RequestRejectedException">There are too many.</exception>
    protected void CheckRows(int rows)
    {
        if (rows > limits.Rows)
            throw RequestRejectedException.Whole(RejectionReason.TooLarge, $"{rows} rows are more than {limits.Rows}.");
    }

    protected RequestRejectedException Twice(int index) =>
        RequestRejectedException.In(RejectionReason.DuplicateColumn, names[index], "two tensors have this name");

    protected static RequestRejectedException Missing(string name) =>
        RequestRejectedException.In(RejectionReason.MissingColumn, name, "missing from 'inputs'");
}

/// <summary>Gathers one tensor per column.</summary>
internal sealed class ColumnCollector(InputColumns columns, RequestLimits limits)
    : InputCollector(columns.Names, limits)
{
    private readonly ColumnReader[] _readers = columns.Readers();
    private int _rows = -1;

    public override void Add(int index, ref TensorHeader header, ref Utf8JsonReader values)
    {
        var reader = Reader(index);
        var elements = header.CountElements();
        Count(reader.Name, elements);
        CheckColumn(reader.Name, ColumnValues.Read(ref header, ref values, reader));
    }

    protected override void Take(int index, in RawTensor tensor)
    {
        var reader = Reader(index);
        CheckColumn(reader.Name, RawTensorReader.Read(tensor, reader));
    }

    public override ModelInputs Build()
    {
        foreach (var reader in _readers)
        {
            if (reader.Count > 0) continue;
            if (!reader.Optional || _rows < 0) throw Missing(reader.Name);
            for (var row = 0; row < _rows; row++) reader.ReadAbsent();
        }

        return columns.Build(_readers);
    }

    private ColumnReader Reader(int index) => _readers[index].Count == 0 ? _readers[index] : throw Twice(index);

    private void CheckColumn(string name, int rows)
    {
        if (_rows >= 0 && rows != _rows)
        {
            throw RequestRejectedException.In(RejectionReason.BadShape, name,
                $"{rows} rows, but the tensors before it have {_rows}");
        }

        _rows = rows;
        CheckRows(rows);
    }
}

/// <summary>Gathers tensors as they are.</summary>
internal sealed class TensorCollector(InputTensors inputs, RequestLimits limits) : InputCollector(inputs.Names, limits)
{
    private readonly TensorValue?[] _values = new TensorValue?[inputs.Tensors.Length];

    public override void Add(int index, ref TensorHeader header, ref Utf8JsonReader values)
    {
        if (_values[index] is not null) throw Twice(index);
        var count = header.CountElements();
        Count(Names[index], count);
        _values[index] = TensorValues.Read(ref header, ref values, inputs.Tensors[index], count);
    }

    public override ModelInputs Build()
    {
        var values = new TensorValue[_values.Length];
        for (var i = 0; i < values.Length; i++) values[i] = _values[i] ?? throw Missing(Names[i]);
        var built = new TensorInputs(inputs.Tensors, values);
        CheckRows(built.Rows);
        return built;
    }

    protected override void Take(int index, in RawTensor tensor)
    {
        if (_values[index] is not null) throw Twice(index);
        _values[index] = TensorValues.Read(tensor, inputs.Tensors[index]);
    }
}
