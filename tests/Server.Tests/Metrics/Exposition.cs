using System.Globalization;

namespace Gyre.Server.Tests.Metrics;

/// <summary>Reads Prometheus' text format.</summary>
internal static class Exposition
{
    /// <summary>The samples by name and labels, as they stand in the text.</summary>
    public static Dictionary<string, double> Read(string text) => text
        .Split('\n', StringSplitOptions.RemoveEmptyEntries)
        .Where(line => !line.StartsWith('#'))
        .Select(line => (Line: line, Space: line.LastIndexOf(' ')))
        .ToDictionary(
            sample => sample.Line[..sample.Space],
            sample => double.Parse(sample.Line[sample.Space..], CultureInfo.InvariantCulture));

    /// <summary>The families by name, with their types.</summary>
    public static Dictionary<string, string> Families(string text) => text
        .Split('\n', StringSplitOptions.RemoveEmptyEntries)
        .Where(line => line.StartsWith("# TYPE ", StringComparison.Ordinal))
        .Select(line => line.Split(' '))
        .ToDictionary(part => part[2], part => part[3]);
}
