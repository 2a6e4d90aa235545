using System.Collections.Immutable;
using Gyre.Serving.Slots;
using Gyre.Tabular;

namespace Gyre.Serving.Requests;

/// <summary>A model's input schema prepared for reading requests. Immutable, thread-safe.</summary>
/// <param name="schema">The columns.</param>
/// <param name="optional">The column that a request may leave out; null when there is none.</param>
internal sealed class InputColumns(Schema schema, string? optional = null)
{
    /// <summary>The model's columns.</summary>
    public Schema Schema => schema;

    /// <summary>Their names.</summary>
    public InputNames Names { get; } = new(schema.Select(column => column.Name));

    /// <summary>Readers for one request, in schema order.</summary>
    public ColumnReader[] CreateReaders()
    {
        var readers = new ColumnReader[schema.Count];
        for (var i = 0; i < readers.Length; i++)
        {
            readers[i] = ColumnReader.Create(schema[i]);
            readers[i].Optional = schema[i].Name == optional;
        }

        return readers;
    }

    /// <summary>The table that the readers collected.</summary>
    public Table Build(ColumnReader[] readers)
    {
        var columns = new Column[readers.Length];
        for (var i = 0; i < columns.Length; i++) columns[i] = readers[i].Build();
        return new Table(schema, columns);
    }
}

/// <summary>The tensors that a model takes, prepared for reading requests. Immutable, thread-safe.</summary>
/// <param name="tensors">The tensors.</param>
internal sealed class InputTensors(ImmutableArray<InputTensor> tensors)
{
    /// <summary>The tensors, in the model's order.</summary>
    public ImmutableArray<InputTensor> Tensors => tensors;

    /// <summary>Their names.</summary>
    public InputNames Names { get; } = new(tensors.Select(tensor => tensor.Name));
}
