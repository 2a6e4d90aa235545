using System.Buffers.Binary;
using System.IO.Compression;

namespace Gyre.Serving.Grpc.Transport;

/// <summary>The frame around a message: one byte that says whether it is compressed, 4 bytes of length.</summary>
internal static class GrpcFrame
{
    /// <summary>The bytes before a message.</summary>
    public const int Prefix = 5;

    /// <summary>Finds the one message of a request's body.</summary>
    /// <param name="body">The whole body.</param>
    /// <param name="encoding">What <c>grpc-encoding</c> says; null when it is absent.</param>
    /// <param name="limit">The longest message.</param>
    /// <returns>The message when it came compressed; null when it is the body without its prefix.</returns>
    /// <exception cref="CallFailedException">The body is not one message, or it cannot be decompressed.</exception>
    public static byte[]? Open(ReadOnlySpan<byte> body, string? encoding, long limit)
    {
        if (body.Length < Prefix)
            throw new CallFailedException(GrpcStatusCode.Internal, "The call has no message.");
        var length = BinaryPrimitives.ReadUInt32BigEndian(body[1..]);
        if (length > limit) throw TooLarge(limit);
        if (length > body.Length - Prefix)
            throw new CallFailedException(GrpcStatusCode.Internal, "The message ends before its announced length.");
        if (length < body.Length - Prefix)
            throw new CallFailedException(GrpcStatusCode.Unimplemented, "The method takes one message, not several.");
        return body[0] switch
        {
            0 => null,
            1 => Decompress(body[Prefix..], encoding, limit),
            _ => throw new CallFailedException(GrpcStatusCode.Internal, "The message's first byte is neither 0 nor 1."),
        };
    }

    /// <summary>Writes the prefix of a message that is not compressed.</summary>
    public static void Write(Span<byte> prefix, int length)
    {
        prefix[0] = 0;
        BinaryPrimitives.WriteInt32BigEndian(prefix[1..], length);
    }

    private static byte[] Decompress(ReadOnlySpan<byte> message, string? encoding, long limit)
    {
        if (encoding is not "gzip")
        {
            throw new CallFailedException(GrpcStatusCode.Internal,
                "The message says that it is compressed, but grpc-encoding does not say how.");
        }

        try
        {
            using var source = new MemoryStream(message.ToArray());
            using var zip = new GZipStream(source, CompressionMode.Decompress);
            using var target = new MemoryStream();
            var buffer = new byte[16 << 10];
            for (int read; (read = zip.Read(buffer)) > 0;)
            {
                // A small message can unpack to any size: the limit is that of the unpacked one.
                if (target.Length + read > limit) throw TooLarge(limit);
                target.Write(buffer, 0, read);
            }

            return target.ToArray();
        }
        catch (InvalidDataException failure)
        {
            throw new CallFailedException(GrpcStatusCode.Internal, "The message is not valid gzip.", failure);
        }
    }

    private static CallFailedException TooLarge(long limit) =>
        new(GrpcStatusCode.ResourceExhausted, $"The message is longer than {limit} bytes.");
}
