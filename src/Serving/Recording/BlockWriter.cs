using System.Buffers;
using System.Text.Json;
using Gyre.Serving.Storage;

namespace Gyre.Serving.Recording;

/// <summary>
/// A block of the prediction log while it gathers records: their JSON as UTF-8 in one buffer, a record a line. Reused
/// for other blocks. For one thread at a time.
/// </summary>
internal sealed class BlockWriter : IBufferWriter<byte>, IDisposable
{
    /// <summary>The ids of a block begin with the same characters: those of the same quarter of a second.</summary>
    public const int BucketLength = 10;

    /// <summary>The requests of a block arrived within so many milliseconds.</summary>
    public const long SpanMs = 10_000;

    private const int MostRows = 256;
    private const int FullBytes = 96 << 10;
    private const int FirstCapacity = 16 << 10;

    private readonly Utf8JsonWriter _json;
    private byte[] _bytes = new byte[FirstCapacity];
    private int _length;

    public BlockWriter() => _json = new Utf8JsonWriter(this, PooledJson.Options);

    /// <summary>The model.</summary>
    public string Model { get; private set; } = "";

    /// <summary>Its version.</summary>
    public int Version { get; private set; }

    /// <summary>The earliest request, in milliseconds since 1970 UTC.</summary>
    public long FirstAt { get; private set; }

    /// <summary>The latest request.</summary>
    public long LastAt { get; private set; }

    /// <summary>The least id.</summary>
    public string FirstId { get; private set; } = "";

    /// <summary>The greatest id.</summary>
    public string LastId { get; private set; } = "";

    /// <summary>What all ids begin with.</summary>
    public string Bucket => FirstId.Length <= BucketLength ? FirstId : FirstId[..BucketLength];

    /// <summary>How many records it holds.</summary>
    public int Rows { get; private set; }

    /// <summary>The memory that it takes.</summary>
    public int Capacity => _bytes.Length;

    /// <summary>How long its records are, in bytes.</summary>
    public int Length => _length;

    /// <summary>The records as a JSON array, whole after <see cref="Close"/>; valid until the block is begun anew.</summary>
    public ReadOnlyMemory<byte> Records => _bytes.AsMemory(0, _length);

    /// <summary>Empties it for records of a version.</summary>
    public void Begin(string model, int version)
    {
        (Model, Version, Rows) = (model, version, 0);
        _length = 0;
        Write("[\n"u8);
    }

    /// <summary>Whether a record of the same version belongs here.</summary>
    public bool Takes(string id, long requestedAt) => Rows == 0
        || (Rows < MostRows && _length < FullBytes && requestedAt / SpanMs == FirstAt / SpanMs
            && id.AsSpan(0, Math.Min(id.Length, BucketLength)).SequenceEqual(
                FirstId.AsSpan(0, Math.Min(FirstId.Length, BucketLength))));

    /// <summary>Appends a row of a request. When that fails, the block is as it was.</summary>
    /// <param name="batch">The request's predictions.</param>
    /// <param name="row">Which one.</param>
    /// <param name="requestedAt">When it arrived, in milliseconds since 1970 UTC.</param>
    /// <param name="redactor">Writes the inputs in their place; null when they are written as they are.</param>
    public void Append(PredictionBatch batch, int row, long requestedAt, InputRedactor? redactor)
    {
        var start = _length;
        try
        {
            BeginRecord(batch.Ids[row], requestedAt, row);
            if (redactor is null) batch.Inputs.WriteRow(_json, row);
            else redactor.WriteRow(_json, batch.Inputs, row);
            batch.Outputs.WriteRow(_json, row);
            EndRecord((long)batch.Latency.TotalMicroseconds);
        }
        catch
        {
            _length = start;
            throw;
        }

        Count(batch.Ids[row], requestedAt);
    }

    /// <summary>Appends a record whose JSON is there already.</summary>
    public void Append(StoredPrediction row)
    {
        BeginRecord(row.Id, row.RequestedAt, row.RowIndex);
        _json.WriteRawValue(row.Inputs, skipInputValidation: true);
        _json.WriteRawValue(row.Output, skipInputValidation: true);
        EndRecord(row.LatencyMicroseconds);
        Count(row.Id, row.RequestedAt);
    }

    /// <summary>Ends the array; nothing is appended afterwards.</summary>
    public void Close() => Write("\n]"u8);

    void IBufferWriter<byte>.Advance(int count) => _length += count;

    Memory<byte> IBufferWriter<byte>.GetMemory(int sizeHint)
    {
        Reserve(sizeHint);
        return _bytes.AsMemory(_length);
    }

    Span<byte> IBufferWriter<byte>.GetSpan(int sizeHint)
    {
        Reserve(sizeHint);
        return _bytes.AsSpan(_length);
    }

    public void Dispose() => _json.Dispose();

    private void BeginRecord(string id, long requestedAt, long row)
    {
        if (Rows > 0) Write(",\n"u8);
        _json.Reset();
        _json.WriteStartArray();
        _json.WriteStringValue(id);
        _json.WriteNumberValue(requestedAt);
        _json.WriteNumberValue(row);
    }

    private void EndRecord(long latencyMicroseconds)
    {
        _json.WriteNumberValue(latencyMicroseconds);
        _json.WriteEndArray();
        _json.Flush();
    }

    private void Count(string id, long requestedAt)
    {
        var isFirst = Rows++ == 0;
        if (isFirst || requestedAt < FirstAt) FirstAt = requestedAt;
        if (isFirst || requestedAt > LastAt) LastAt = requestedAt;
        if (isFirst || string.CompareOrdinal(id, FirstId) < 0) FirstId = id;
        if (isFirst || string.CompareOrdinal(id, LastId) > 0) LastId = id;
    }

    private void Write(ReadOnlySpan<byte> text)
    {
        Reserve(text.Length);
        text.CopyTo(_bytes.AsSpan(_length));
        _length += text.Length;
    }

    private void Reserve(int more)
    {
        if (_bytes.Length - _length >= Math.Max(more, 1)) return;
        Array.Resize(ref _bytes, checked(Math.Max(_bytes.Length * 2, _length + more)));
    }
}
