using System.Globalization;
using System.IO.Compression;
using Gyre.Primitives;

namespace Gyre.Cli.Demo;

/// <summary>
/// The demo's data: bike rentals per hour in Washington DC, January 2011 to August 2012 (Fanaee-T, H. (2013). Bike
/// Sharing [Dataset]. UCI Machine Learning Repository, https://doi.org/10.24432/C5W894, CC BY 4.0).
/// </summary>
internal sealed record BikeHours(string Header, IReadOnlyList<BikeHour> Hours)
{
    /// <summary>The file beside the program.</summary>
    public static string FilePath => Path.Combine(AppContext.BaseDirectory, "data", "bike_hourly.csv.gz");

    /// <summary>Reads the whole file.</summary>
    public static async Task<BikeHours> ReadAsync(CancellationToken cancellationToken)
    {
        if (!File.Exists(FilePath))
            throw new GyreException(ErrorCode.Unavailable, $"{FilePath}: the demo's data is missing from this installation");
        await using var file = File.OpenRead(FilePath);
        await using var plain = new GZipStream(file, CompressionMode.Decompress);
        using var reader = new StreamReader(plain);
        var header = await reader.ReadLineAsync(cancellationToken) ?? "";
        var names = header.Split(',');
        var (time, count) = (Array.IndexOf(names, "timestamp"), Array.IndexOf(names, "cnt"));
        var hours = new List<BikeHour>();
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            var values = line.Split(',');
            hours.Add(new BikeHour(
                DateTimeOffset.Parse(values[time], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal),
                double.Parse(values[count], CultureInfo.InvariantCulture),
                line,
                names.Zip(values).ToDictionary(pair => pair.First, pair => pair.Second, StringComparer.Ordinal)));
        }

        return new BikeHours(header, hours);
    }
}

/// <summary>One hour.</summary>
/// <param name="At">When it began.</param>
/// <param name="Count">Rentals.</param>
/// <param name="Line">Its line in the file.</param>
/// <param name="Values">Its values by column, as written.</param>
internal sealed record BikeHour(DateTimeOffset At, double Count, string Line, IReadOnlyDictionary<string, string> Values);
