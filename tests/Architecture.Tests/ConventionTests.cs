using System.Reflection;
using System.Text.RegularExpressions;
using Gyre.Fixtures;
using Gyre.Primitives;

namespace Gyre.Architecture.Tests;

public partial class ConventionTests
{
    private static IEnumerable<Type> Types() =>
        Directory.GetFiles(AppContext.BaseDirectory, "*.dll")
            .Where(path => Path.GetFileName(path).StartsWith("Gyre.", StringComparison.Ordinal) || Path.GetFileName(path) == "gyre.dll")
            .Where(path => !path.EndsWith(".Tests.dll", StringComparison.Ordinal))
            .Select(Assembly.LoadFrom)
            .SelectMany(assembly => assembly.GetTypes());

    [Fact]
    public void Exceptions_DeclaredHere_DeriveFromGyreException() =>
        Assert.DoesNotContain(Types(), t => typeof(Exception).IsAssignableFrom(t) && !typeof(GyreException).IsAssignableFrom(t));

    [Fact]
    public void TypeNames_EndInNothingThatHidesWhatTheyDo() =>
        Assert.DoesNotContain(Types(), t => t.Namespace?.StartsWith("Gyre", StringComparison.Ordinal) == true &&
            !t.Name.Contains('<') && VagueEnding().IsMatch(t.Name));

    [Fact]
    public void PublicAsyncMethods_TakeACancellationTokenLast() =>
        Assert.Empty(Types()
            .Where(t => t.IsVisible && t.Namespace?.StartsWith("Gyre", StringComparison.Ordinal) == true)
            .SelectMany(t => t.GetMethods(
                BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly))
            .Where(m => m.Name.EndsWith("Async", StringComparison.Ordinal) && m.Name != "DisposeAsync")
            .Where(m => m.GetParameters().LastOrDefault()?.ParameterType != typeof(CancellationToken))
            .Select(m => $"{m.DeclaringType}.{m.Name}"));

    [Fact]
    public void LockFiles_HoldNoAddresses()
    {
        var locks = Directory.GetFiles(TestData.Root, "packages.lock.json", SearchOption.AllDirectories)
            .Where(path => !path.Contains("node_modules", StringComparison.Ordinal))
            .Append(Path.Combine(TestData.Root, "native", "package-lock.json"))
            .Append(Path.Combine(TestData.Root, "tests", "Tracking.Tests", "S3", "package-lock.json"));
        Assert.DoesNotContain(locks, path => File.ReadAllText(path).Contains("://", StringComparison.Ordinal));
    }

    [Fact]
    public void ModuleFolders_HaveAReadme() =>
        Assert.DoesNotContain(Directory.GetDirectories(Path.Combine(TestData.Root, "src")),
            folder => !File.Exists(Path.Combine(folder, "README.md")));

    [GeneratedRegex("(Manager|Helper|Utils|Impl|Data|Info)$")]
    private static partial Regex VagueEnding();
}
