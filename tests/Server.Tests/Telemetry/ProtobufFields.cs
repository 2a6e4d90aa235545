using System.Buffers.Binary;
using System.Text;

namespace Gyre.Server.Tests.Telemetry;

/// <summary>
/// A protobuf message read without its schema: fields by number. Written from the encoding's description, so that it does
/// not share a mistake with the exporter.
/// </summary>
internal sealed class ProtobufFields
{
    private readonly List<(int Number, ulong Value, byte[] Bytes)> _fields = [];

    public ProtobufFields(ReadOnlySpan<byte> message)
    {
        while (message.Length > 0)
        {
            var key = ReadVarint(ref message);
            var number = (int)(key >> 3);
            switch (key & 7)
            {
                case 0:
                    _fields.Add((number, ReadVarint(ref message), []));
                    break;
                case 1:
                    _fields.Add((number, BinaryPrimitives.ReadUInt64LittleEndian(message), []));
                    message = message[8..];
                    break;
                case 2:
                    var length = (int)ReadVarint(ref message);
                    _fields.Add((number, 0, message[..length].ToArray()));
                    message = message[length..];
                    break;
                case 5:
                    _fields.Add((number, BinaryPrimitives.ReadUInt32LittleEndian(message), []));
                    message = message[4..];
                    break;
                default:
                    throw new InvalidOperationException($"Wire type {key & 7} in field {number}.");
            }
        }
    }

    public bool Has(int number) => _fields.Exists(field => field.Number == number);

    public ulong Number(int number) => _fields.Find(field => field.Number == number).Value;

    public byte[] Bytes(int number) => _fields.Find(field => field.Number == number).Bytes ?? [];

    public string Text(int number) => Encoding.UTF8.GetString(Bytes(number));

    public ProtobufFields Message(int number) => new(Bytes(number));

    public IEnumerable<ProtobufFields> Messages(int number) =>
        _fields.Where(field => field.Number == number).Select(field => new ProtobufFields(field.Bytes));

    private static ulong ReadVarint(ref ReadOnlySpan<byte> from)
    {
        var value = 0UL;
        for (var shift = 0; ; shift += 7)
        {
            var next = from[0];
            from = from[1..];
            value |= (ulong)(next & 0x7f) << shift;
            if ((next & 0x80) == 0) return value;
        }
    }
}
