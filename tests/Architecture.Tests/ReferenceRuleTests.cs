using System.Xml.Linq;
using Gyre.Fixtures;

namespace Gyre.Architecture.Tests;

/// <summary>Holds every project file against the table of modules in docs/architecture.md.</summary>
public class ReferenceRuleTests
{
    private static readonly Dictionary<string, string[]> Table = ReadTable();

    public static TheoryData<string> Projects =>
        [.. Directory.GetDirectories(Path.Combine(TestData.Root, "src")).Select(folder => Path.GetFileName(folder)!)];

    [Theory]
    [MemberData(nameof(Projects))]
    public void Project_References_StandInTheTable(string project)
    {
        Assert.True(Table.ContainsKey(project), $"{project} has no row in docs/architecture.md.");
        var references = XDocument.Load(Path.Combine(TestData.Root, "src", project, $"{project}.csproj"))
            .Descendants("ProjectReference")
            .Select(r => Path.GetFileNameWithoutExtension(r.Attribute("Include")!.Value.Replace('\\', '/')))
            .Where(r => r != "Primitives");
        var allowed = Table[project];
        if (allowed is ["all"]) return;
        Assert.Empty(references.Except(allowed, StringComparer.Ordinal));
    }

    private static Dictionary<string, string[]> ReadTable()
    {
        var rows = new Dictionary<string, string[]>(StringComparer.Ordinal);
        foreach (var line in File.ReadLines(Path.Combine(TestData.Root, "docs", "architecture.md")))
        {
            var cells = line.Split('|', StringSplitOptions.TrimEntries);
            if (cells.Length != 5 || cells[1] is "Project" or "" || cells[1].StartsWith('-')) continue;
            var allowed = cells[3] == "–" ? [] : cells[3].Split(", ");
            foreach (var project in cells[1].Split(", ")) rows[project] = allowed;
        }

        return rows;
    }
}
