using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Text.Json;
using Gyre.Serving.Engine;
using Gyre.Serving.Slots;
using Gyre.Tabular;

namespace Gyre.Serving.Requests;

/// <summary>A model's input schema prepared for reading requests. Thread-safe.</summary>
/// <param name="schema">The columns.</param>
/// <param name="optional">The column that a request may leave out; null when there is none.</param>
internal sealed class InputColumns(Schema schema, string? optional = null)
{
    // Readers of larger requests hold buffers that would not be used again soon.
    private const int MostRowsKept = 64;

    private readonly ImmutableArray<JsonEncodedText> _jsonNames = TableInputs.JsonNames(schema);
    private readonly ConcurrentQueue<ColumnReader[]> _readers = new();
    private readonly bool _keeps = !schema.Any(column => column.Type is ColumnType.Image);

    /// <summary>The model's columns.</summary>
    public Schema Schema => schema;

    /// <summary>Their names.</summary>
    public InputNames Names { get; } = new(schema.Select(column => column.Name));

    /// <summary>Readers for one request, in schema order. <see cref="Build"/> takes them back.</summary>
    public ColumnReader[] Readers()
    {
        if (_readers.TryDequeue(out var used)) return used;
        var readers = new ColumnReader[schema.Count];
        for (var i = 0; i < readers.Length; i++)
        {
            readers[i] = ColumnReader.Create(schema[i]);
            readers[i].Optional = schema[i].Name == optional;
        }

        return readers;
    }

    /// <summary>The table that the readers collected; they must not be used afterwards.</summary>
    public TableInputs Build(ColumnReader[] readers)
    {
        var columns = new Column[readers.Length];
        for (var i = 0; i < columns.Length; i++) columns[i] = readers[i].Build();
        var table = new Table(schema, columns);
        // Reading is done in one go: there are never more of them than threads that read at once.
        if (_keeps && table.RowCount <= MostRowsKept) _readers.Enqueue(readers);
        return new TableInputs(table, _jsonNames);
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
