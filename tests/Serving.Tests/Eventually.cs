using System.Diagnostics;

namespace Gyre.Serving.Tests;

/// <summary>Waits for a condition instead of sleeping.</summary>
internal static class Eventually
{
    public static async Task HoldsAsync(Func<bool> condition, int seconds = 10)
    {
        var clock = Stopwatch.StartNew();
        while (!condition())
        {
            if (clock.Elapsed.TotalSeconds > seconds) Assert.Fail($"The condition did not hold within {seconds} s.");
            await Task.Delay(5);
        }
    }
}
