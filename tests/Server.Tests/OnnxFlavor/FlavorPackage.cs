using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gyre.Fixtures;

namespace Gyre.Server.Tests.OnnxFlavor;

/// <summary>A package that make_packages.py made, with rows for it and what NumPy says of them.</summary>
internal sealed record FlavorPackage(
    string Name, ImmutableArray<ExpectedTensor> Inputs, ImmutableArray<ExpectedTensor> Outputs)
{
    private static readonly string Place = Path.Combine(TestData.Root, "tests", "Server.Tests", "OnnxFlavor");

    public static IReadOnlyDictionary<string, FlavorPackage> All { get; } = Read();

    public string Folder => Path.Combine(Place, "packages", Name);

    /// <summary>Whether its signature is one of columns.</summary>
    public bool TakesColumns => Name is "stacked" or "named";

    /// <summary>Rows of a data frame: its columns' names, and its cells as JSON.</summary>
    public (string[] Columns, JsonNode?[][] Rows) Frame()
    {
        if (Inputs is [{ Shape: [var count, var width] } only])
        {
            return ([.. Enumerable.Range(0, width).Select(i => $"c{i}")],
                [.. Enumerable.Range(0, count).Select(row => (JsonNode?[])[.. only.Cells.Skip(row * width).Take(width)
                    .Select(Node)])]);
        }

        return ([.. Inputs.Select(input => input.Name)],
            [.. Enumerable.Range(0, Inputs[0].Shape[0]).Select(row =>
                (JsonNode?[])[.. Inputs.Select(input => Node(input.Cells[row]))])]);
    }

    /// <summary>An empty text stands for a missing one: the column of the signature may be absent.</summary>
    private JsonNode? Node(JsonElement cell) =>
        cell.ValueKind is JsonValueKind.String && cell.GetString() is "" ? null : JsonNode.Parse(cell.GetRawText());

    private static Dictionary<string, FlavorPackage> Read()
    {
        var expected = JsonDocument.Parse(File.ReadAllText(Path.Combine(Place, "expected.json"))).RootElement;
        return expected.EnumerateObject().ToDictionary(package => package.Name, package => new FlavorPackage(
            package.Name, Tensors(package.Value.GetProperty("inputs")), Tensors(package.Value.GetProperty("outputs"))));
    }

    private static ImmutableArray<ExpectedTensor> Tensors(JsonElement tensors) =>
    [
        .. tensors.EnumerateObject().Select(tensor => new ExpectedTensor(tensor.Name,
            [.. tensor.Value.GetProperty("shape").EnumerateArray().Select(length => length.GetInt32())],
            [.. tensor.Value.GetProperty("data").EnumerateArray()])),
    ];
}

/// <summary>A tensor in expected.json.</summary>
internal sealed record ExpectedTensor(string Name, ImmutableArray<int> Shape, ImmutableArray<JsonElement> Cells)
{
    /// <summary>The elements in arrays as the shape nests them.</summary>
    public JsonNode? Nested()
    {
        var at = 0;
        return Nest(0);

        JsonNode? Nest(int depth) => depth == Shape.Length
            ? JsonNode.Parse(Cells[at++].GetRawText())
            : new JsonArray([.. Enumerable.Range(0, Shape[depth]).Select(_ => Nest(depth + 1))]);
    }

    /// <summary>Holds the elements against others: texts exactly, numbers as single precision sums agree.</summary>
    public void Equals(IEnumerable<JsonElement> others)
    {
        var actual = others.ToArray();
        Assert.Equal(Cells.Length, actual.Length);
        foreach (var (cell, other) in Cells.Zip(actual))
        {
            if (cell.ValueKind is JsonValueKind.String) Assert.Equal(cell.GetString(), other.GetString());
            else
            {
                // Sums of up to 96 products in float32, in another order: 96 roundings of 2^-24, relative to the terms.
                Assert.Equal(cell.GetDouble(), other.GetDouble(), 1e-4);
            }
        }
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Name} of {Cells.Length}");
}
