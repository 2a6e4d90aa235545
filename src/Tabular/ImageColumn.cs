namespace Gyre.Tabular;

/// <summary>
/// A column of images of one size, none missing: row-major bytes, rows × height × width × channels, 0 to 255.
/// </summary>
public sealed class ImageColumn : Column
{
    private readonly byte[] _pixels;

    /// <summary>Creates a column over an array that it keeps.</summary>
    /// <param name="name">The name.</param>
    /// <param name="shape">The size of every image.</param>
    /// <param name="pixels">As long as a number of such images.</param>
    /// <exception cref="ArgumentException">The size is out of range or the array does not fit.</exception>
    public ImageColumn(string name, ImageShape shape, byte[] pixels)
        : base(name, ColumnType.Image, shape.IsValid ? pixels.Length / shape.Size : 0)
    {
        if (!shape.IsValid) throw new ArgumentException($"There are no images of {shape}.", nameof(shape));
        if (pixels.Length % shape.Size != 0)
            throw new ArgumentException($"{pixels.Length} bytes do not make images of {shape}.", nameof(pixels));
        (Shape, _pixels) = (shape, pixels);
    }

    /// <summary>The size of every image.</summary>
    public ImageShape Shape { get; }

    /// <summary>All images one after the other. Must not be written to.</summary>
    public ReadOnlyMemory<byte> Memory => _pixels;

    /// <inheritdoc/>
    public override int MissingCount => 0;

    /// <summary>A row's image, row-major, height × width × channels.</summary>
    public ReadOnlySpan<byte> Image(int row) => _pixels.AsSpan(row * Shape.Size, Shape.Size);

    /// <inheritdoc/>
    public override bool IsMissing(int row) => false;

    /// <summary>The image's bytes in base64.</summary>
    public override object? ValueAt(int row) => Convert.ToBase64String(Image(row));

    /// <inheritdoc/>
    public override Column Take(ReadOnlySpan<int> rows)
    {
        var pixels = new byte[rows.Length * Shape.Size];
        for (var i = 0; i < rows.Length; i++) Image(rows[i]).CopyTo(pixels.AsSpan(i * Shape.Size));
        return new ImageColumn(Name, Shape, pixels);
    }

    /// <inheritdoc/>
    public override Column Rename(string name) => new ImageColumn(name, Shape, _pixels);
}
