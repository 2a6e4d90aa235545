namespace Gyre.Tabular;

/// <summary>
/// The decompressed lines of a PNG image: undoes the filters (ISO/IEC 15948, clause 9), the seven passes of interlacing
/// (clause 8) and the packing of small samples.
/// </summary>
/// <param name="height">Lines.</param>
/// <param name="width">Pixels of a line.</param>
/// <param name="samples">Numbers of a pixel.</param>
/// <param name="depth">Bits of a number: 1, 2, 4, 8 or 16.</param>
/// <param name="interlaced">Whether pixels come in seven passes (Adam7).</param>
internal sealed class PngScanlines(int height, int width, int samples, int depth, bool interlaced)
{
    private static readonly (int X, int Y, int StepX, int StepY)[] Adam7 =
        [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)];

    private static readonly (int X, int Y, int StepX, int StepY)[] Whole = [(0, 0, 1, 1)];

    /// <summary>Bytes of all lines, each with its filter's byte before it.</summary>
    public int RawLength => Passes.Sum(p => Lines(p) * (1 + LineBytes(p)));

    private (int X, int Y, int StepX, int StepY)[] Passes => interlaced ? Adam7 : Whole;

    /// <summary>The samples as bytes, unscaled below 8 bits, row-major, height × width × samples; null when a filter is
    /// unknown. Changes <paramref name="raw"/>.</summary>
    public byte[]? Decode(byte[] raw)
    {
        var result = new byte[height * width * samples];
        var at = 0;
        foreach (var pass in Passes)
        {
            var length = LineBytes(pass);
            var above = new byte[length];
            for (var line = 0; line < Lines(pass); line++)
            {
                var current = raw.AsSpan(at + 1, length);
                if (!Unfilter(raw[at], current, above)) return null;
                Unpack(current, pass, pass.Y + (line * pass.StepY), result);
                current.CopyTo(above);
                at += 1 + length;
            }
        }

        return result;
    }

    private int Lines((int X, int Y, int StepX, int StepY) pass) =>
        Columns(pass) == 0 ? 0 : Math.Max(0, (height - pass.Y + pass.StepY - 1) / pass.StepY);

    private int Columns((int X, int Y, int StepX, int StepY) pass) =>
        Math.Max(0, (width - pass.X + pass.StepX - 1) / pass.StepX);

    private int LineBytes((int X, int Y, int StepX, int StepY) pass) => ((Columns(pass) * samples * depth) + 7) / 8;

    private bool Unfilter(byte filter, Span<byte> line, ReadOnlySpan<byte> above)
    {
        var distance = Math.Max(1, samples * depth / 8);
        for (var i = 0; i < line.Length; i++)
        {
            var left = i >= distance ? line[i - distance] : 0;
            var corner = i >= distance ? above[i - distance] : 0;
            int? predicted = filter switch
            {
                0 => 0,
                1 => left,
                2 => above[i],
                3 => (left + above[i]) / 2,
                4 => Paeth(left, above[i], corner),
                _ => null,
            };
            if (predicted is not { } value) return false;
            line[i] += (byte)value;
        }

        return filter <= 4;
    }

    private static int Paeth(int left, int above, int corner)
    {
        var estimate = left + above - corner;
        var (a, b, c) = (Math.Abs(estimate - left), Math.Abs(estimate - above), Math.Abs(estimate - corner));
        return a <= b && a <= c ? left : b <= c ? above : corner;
    }

    private void Unpack(ReadOnlySpan<byte> line, (int X, int Y, int StepX, int StepY) pass, int y, byte[] result)
    {
        var columns = Columns(pass);
        for (var column = 0; column < columns; column++)
        {
            var target = ((y * width) + pass.X + (column * pass.StepX)) * samples;
            for (var s = 0; s < samples; s++)
            {
                var index = (column * samples) + s;
                result[target + s] = depth switch
                {
                    8 => line[index],
                    16 => line[2 * index],
                    _ => (byte)((line[index * depth / 8] >> (8 - depth - (index * depth % 8))) & ((1 << depth) - 1)),
                };
            }
        }
    }
}
