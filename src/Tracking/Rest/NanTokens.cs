namespace Gyre.Tracking.Rest;

/// <summary>
/// Python writes NaN and infinities as bare words, which JSON does not know: they are put in quotes before parsing.
/// </summary>
internal static class NanTokens
{
    /// <summary>The body itself when it holds no such word outside its texts.</summary>
    public static ReadOnlyMemory<byte> Quote(ReadOnlyMemory<byte> body)
    {
        var text = body.Span;
        if (text.IndexOf("NaN"u8) < 0 && text.IndexOf("Infinity"u8) < 0) return body;
        var quoted = new System.Buffers.ArrayBufferWriter<byte>(text.Length + 64);
        var (start, inText) = (0, false);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\' && inText) i++;
            else if (text[i] == '"') inText = !inText;
            else if (!inText && WordAt(text[i..]) is var length and > 0)
            {
                Write(quoted, text[start..i]);
                Write(quoted, "\""u8);
                Write(quoted, text.Slice(i, length));
                Write(quoted, "\""u8);
                i += length - 1;
                start = i + 1;
            }
        }

        Write(quoted, text[start..]);
        return quoted.WrittenMemory;
    }

    private static int WordAt(ReadOnlySpan<byte> rest)
    {
        if (rest.StartsWith("NaN"u8)) return 3;
        if (rest.StartsWith("Infinity"u8)) return 8;
        return rest.StartsWith("-Infinity"u8) ? 9 : 0;
    }

    private static void Write(System.Buffers.ArrayBufferWriter<byte> writer, ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(writer.GetSpan(bytes.Length));
        writer.Advance(bytes.Length);
    }
}
