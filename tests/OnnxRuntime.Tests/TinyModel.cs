using Gyre.Fixtures;

namespace Gyre.OnnxRuntime.Tests;

/// <summary>y = x + x over float [N]; s = Identity(t) over string [N]; metadata key = "wert ü".</summary>
internal static class TinyModel
{
    public static byte[] Bytes() => new OnnxGraph()
        .Node("Add", ["x", "x"], "y").Node("Identity", ["t"], "s")
        .Input("x", OnnxGraph.Float32, -1).Input("t", OnnxGraph.Text, -1)
        .Output("y", OnnxGraph.Float32, -1).Output("s", OnnxGraph.Text, -1)
        .Metadata("key", "wert ü").Build();
}
