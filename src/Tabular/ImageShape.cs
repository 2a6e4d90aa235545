using System.Globalization;

namespace Gyre.Tabular;

/// <summary>The size of an image: part of a column's type, the same in every row.</summary>
/// <param name="Height">Rows of pixels, at least 1.</param>
/// <param name="Width">Columns of pixels, at least 1.</param>
/// <param name="Channels">Bytes of a pixel: 1 (grey), 2 (grey, alpha), 3 (red, green, blue) or 4 (with alpha).</param>
public readonly record struct ImageShape(int Height, int Width, int Channels)
{
    /// <summary>The greatest height and width.</summary>
    public const int MostPixels = 4096;

    /// <summary>The most bytes of an image, 1 MiB: a network for larger ones is beyond this program.</summary>
    public const int MostBytes = 1 << 20;

    /// <summary>Bytes of an image.</summary>
    public int Size => Height * Width * Channels;

    /// <summary>Whether all is in range.</summary>
    public bool IsValid => Height is > 0 and <= MostPixels && Width is > 0 and <= MostPixels && Channels is > 0 and <= 4
        && Height * Width <= MostBytes / Channels;

    /// <summary>Height × width × channels as people and pipeline files write it: <c>28x28</c> for grey,
    /// <c>32x32x3</c>.</summary>
    public override string ToString() => Channels == 1
        ? string.Create(CultureInfo.InvariantCulture, $"{Height}x{Width}")
        : string.Create(CultureInfo.InvariantCulture, $"{Height}x{Width}x{Channels}");

    /// <summary>Reads what <see cref="ToString"/> writes.</summary>
    public static bool TryParse(string text, out ImageShape shape)
    {
        shape = default;
        var parts = text.Split('x');
        var sizes = new int[3];
        sizes[2] = 1;
        if (parts.Length is not (2 or 3)) return false;
        for (var i = 0; i < parts.Length; i++)
        {
            if (!int.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out sizes[i])) return false;
        }

        shape = new ImageShape(sizes[0], sizes[1], sizes[2]);
        return shape.IsValid;
    }
}
