using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Gyre.Tracking.Rest;

/// <summary>
/// Writes answers as MLflow's clients expect them: whole numbers as JSON numbers, NaN and infinities as strings, absent
/// fields left out. Sent whole with a Content-Length up to <see cref="FlushAt"/> bytes, in pieces beyond.
/// </summary>
internal static class RestAnswer
{
    /// <summary>How much of a long answer is held before it is sent, in bytes.</summary>
    public const int FlushAt = 64 << 10;

    private static readonly JsonWriterOptions Options = new()
    {
        SkipValidation = true,
        // The answer is application/json, never HTML: quotes in names stay readable.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>For a text that becomes a part of an answer.</summary>
    public static readonly JsonSerializerOptions TextOptions =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly byte[] Empty = "{}"u8.ToArray();

    /// <summary>Answers <c>{}</c>.</summary>
    public static async Task SendEmptyAsync(HttpContext context)
    {
        Begin(context, StatusCodes.Status200OK);
        context.Response.ContentLength = Empty.Length;
        await context.Response.BodyWriter.WriteAsync(Empty, context.RequestAborted);
    }

    /// <summary>Answers 200 with an object whose fields <paramref name="fields"/> writes.</summary>
    public static Task SendAsync(HttpContext context, Action<Utf8JsonWriter> fields) =>
        SendAsync(context, StatusCodes.Status200OK, fields);

    /// <summary>Answers with an object whose fields <paramref name="fields"/> writes.</summary>
    public static async Task SendAsync(HttpContext context, int status, Action<Utf8JsonWriter> fields)
    {
        using var buffer = new PooledBuffer(1024);
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartObject();
            fields(json);
            json.WriteEndObject();
        }

        Begin(context, status);
        context.Response.ContentLength = buffer.Length;
        await context.Response.BodyWriter.WriteAsync(buffer.Written, context.RequestAborted);
    }

    /// <summary>
    /// Answers 200 with <c>{"name": [items…], …}</c> whose items are written one by one while they are read, so that
    /// the length of the list takes no memory.
    /// </summary>
    public static async Task SendListAsync<T>(
        HttpContext context, string name, IEnumerable<T> items, Action<Utf8JsonWriter, T> write,
        Action<Utf8JsonWriter>? after = null)
    {
        using var buffer = new PooledBuffer(FlushAt);
        using var json = new Utf8JsonWriter(buffer, Options);
        json.WriteStartObject();
        var any = false;
        foreach (var item in items)
        {
            if (!any) json.WriteStartArray(name);
            any = true;
            write(json, item);
            if (buffer.Length + json.BytesPending < FlushAt) continue;
            json.Flush();
            await SendPieceAsync(context, buffer);
        }

        if (any) json.WriteEndArray();
        after?.Invoke(json);
        json.WriteEndObject();
        json.Flush();
        if (!context.Response.HasStarted) context.Response.ContentLength = buffer.Length;
        await SendPieceAsync(context, buffer);
    }

    private static async ValueTask SendPieceAsync(HttpContext context, PooledBuffer piece)
    {
        if (!context.Response.HasStarted) Begin(context, StatusCodes.Status200OK);
        await context.Response.BodyWriter.WriteAsync(piece.Written, context.RequestAborted);
        piece.Clear();
    }

    /// <summary>Writes a double; NaN and infinities as the strings of proto JSON.</summary>
    public static void WriteDouble(this Utf8JsonWriter json, string name, double value)
    {
        if (double.IsFinite(value)) json.WriteNumber(name, value);
        else json.WriteString(name, value.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>Writes a text unless it is null.</summary>
    public static void WriteOptional(this Utf8JsonWriter json, string name, string? value)
    {
        if (value is not null) json.WriteString(name, value);
    }

    /// <summary>Writes a whole number unless it is null.</summary>
    public static void WriteOptional(this Utf8JsonWriter json, string name, long? value)
    {
        if (value is { } number) json.WriteNumber(name, number);
    }

    /// <summary>Writes a list of objects; an empty one is left out.</summary>
    public static void WriteList<T>(
        this Utf8JsonWriter json, string name, IReadOnlyCollection<T> items, Action<Utf8JsonWriter, T> fields)
    {
        if (items.Count == 0) return;
        json.WriteStartArray(name);
        foreach (var item in items)
        {
            json.WriteStartObject();
            fields(json, item);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    /// <summary>Writes a list of <c>{"key": …, "value": …}</c>; an empty one is left out.</summary>
    public static void WritePairs(
        this Utf8JsonWriter json, string name, IReadOnlyCollection<KeyValuePair<string, string>> pairs) =>
        json.WriteList(name, pairs, static (json, pair) =>
        {
            json.WriteString("key", pair.Key);
            json.WriteString("value", pair.Value);
        });

    private static void Begin(HttpContext context, int status)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
    }
}
