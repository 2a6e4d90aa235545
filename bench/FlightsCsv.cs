using System.Globalization;
using System.IO.Compression;
using Gyre.Tabular;

namespace Gyre.Bench;

/// <summary>
/// The flights of January and February 2001 with the features of the recorded baselines: month, weekday and minute of
/// the day from the departure, distance, origin, destination; the target is a delay above 15 minutes.
/// </summary>
internal static class FlightsCsv
{
    public static readonly string[] Features = ["distance", "origin", "destination", "month", "dow", "minute"];

    public static Table Read(string path)
    {
        using var stream = new GZipStream(File.OpenRead(path), CompressionMode.Decompress);
        using var reader = new StreamReader(stream);
        reader.ReadLine();
        List<double> distance = [];
        List<long> month = [], weekday = [], minute = [];
        List<string?> origin = [], destination = [];
        List<bool> late = [];
        while (reader.ReadLine() is { } line)
        {
            var cells = line.Split(',');
            if (cells[1].Length == 0) continue;
            var at = DateTime.Parse(cells[0], CultureInfo.InvariantCulture);
            late.Add(double.Parse(cells[1], CultureInfo.InvariantCulture) > 15);
            distance.Add(cells[2].Length == 0 ? double.NaN : double.Parse(cells[2], CultureInfo.InvariantCulture));
            origin.Add(cells[3].Length == 0 ? null : cells[3]);
            destination.Add(cells[4].Length == 0 ? null : cells[4]);
            month.Add(at.Month);
            weekday.Add(((int)at.DayOfWeek + 6) % 7);
            minute.Add((at.Hour * 60) + at.Minute);
        }

        return new Table(
        [
            new Column<double>("distance", ColumnType.Numeric, [.. distance]),
            CategoricalColumn.FromValues("origin", ColumnType.Categorical, origin),
            CategoricalColumn.FromValues("destination", ColumnType.Categorical, destination),
            new Column<long>("month", ColumnType.Integer, [.. month]),
            new Column<long>("dow", ColumnType.Integer, [.. weekday]),
            new Column<long>("minute", ColumnType.Integer, [.. minute]),
            new Column<bool>("late", ColumnType.Boolean, [.. late]),
        ]);
    }
}
