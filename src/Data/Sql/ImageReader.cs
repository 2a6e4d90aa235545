using Gyre.DuckDb;
using Gyre.Primitives;
using Gyre.Tabular;

namespace Gyre.Data.Sql;

/// <summary>Collects images of one size from BLOBs of height × width × channels bytes.</summary>
internal sealed class ImageReader(string name, ImageShape shape) : ColumnReader
{
    private Growing<byte> _pixels = new(shape.Size);

    public override void Append(DuckDbVector vector, int rows)
    {
        if (_pixels.Count + ((long)rows * shape.Size) > Array.MaxLength)
            throw GyreException.Invalid($"Column '{name}': the images take more than 2 GB; take fewer or smaller ones");
        var target = _pixels.Extend(rows * shape.Size);
        var source = vector.Values<DuckDbString>();
        for (var i = 0; i < rows; i++)
        {
            var length = vector.IsValid(i) ? source[i].Length : 0;
            if (length != shape.Size)
                throw GyreException.Invalid($"Column '{name}': {length} bytes; an image of {shape} has {shape.Size}");
            DuckDbString.BytesOf(in source[i]).CopyTo(target[(i * shape.Size)..]);
        }
    }

    public override Column Build() => new ImageColumn(name, shape, _pixels.ToArray());
}
