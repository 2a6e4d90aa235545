using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Gyre.Data;
using Gyre.Fixtures;
using Gyre.Tabular;

namespace Gyre.Server.Tests.Http;

/// <summary>The requests of docs/guide/explain.md, as they stand there, by curl.</summary>
public sealed partial class ExplainGuideTests : IDisposable
{
    private readonly TemporaryFolder _packages = new();

    public void Dispose() => _packages.Dispose();

    [Fact]
    public async Task Guide_EveryRequest_IsExplained()
    {
        var guide = await File.ReadAllTextAsync(Path.Combine(TestData.Root, "docs", "guide", "explain.md"));
        var requests = Requests().Matches(guide.ReplaceLineEndings("\n")).Select(match => match.Groups[1].Value).ToArray();
        Assert.Equal(3, requests.Length);
        await using var host = await HostFixture.StartAsync();
        using var engine = new SqlEngine();
        var table = engine.Query("SELECT hr, temp, hum, windspeed, workingday, season, cnt FROM "
            + $"read_csv('{TestData.Shipped("bike_hourly.csv.gz")}')");
        await ExplainedPackage.RegisterAsync(host, _packages.File("bike"), "bike", table, "cnt", TaskKind.Regression);
        var answers = requests.Select(request => JsonDocument.Parse(Run(host, request)).RootElement).ToArray();

        var own = answers[0].GetProperty("explanations")[0];
        Assert.Equal("cnt", answers[0].GetProperty("unit").GetString());
        var hour = own.GetProperty("contributions").GetProperty("hr").GetDouble();
        Assert.True(hour > 50, "at 8 in the morning of a working day");
        var tensor = answers[1].GetProperty("outputs").EnumerateArray().Single(o => o.GetProperty("name").GetString() == "contributions");
        Assert.Equal(hour, tensor.GetProperty("data")[0].GetDouble());
        var instance = answers[2].GetProperty("explanations")[0];
        Assert.Equal(own.GetProperty("contributions").GetRawText(), instance.GetProperty("contributions").GetRawText());
    }

    private static string Run(HostFixture host, string request)
    {
        var port = host.Address.Port.ToString(CultureInfo.InvariantCulture);
        using var shell = Process.Start(new ProcessStartInfo(
            "/bin/sh", ["-c", request.Replace("5000", port, StringComparison.Ordinal)]) { RedirectStandardOutput = true })!; // a shell is there
        var output = shell.StandardOutput.ReadToEnd();
        shell.WaitForExit();
        return output;
    }

    [GeneratedRegex("```sh\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Requests();
}
