using System.Diagnostics;

namespace Gyre.Fixtures;

/// <summary>Waits for a condition instead of for a while.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>Until a request succeeds.</summary>
    public static Task HoldsAsync(Func<Task<HttpResponseMessage>> request) => HoldsAsync(async () =>
    {
        using var answer = await request();
        return answer.IsSuccessStatusCode;
    });

    public static Task HoldsAsync(Func<bool> condition) => HoldsAsync(() => Task.FromResult(condition()));

    public static async Task HoldsAsync(Func<Task<bool>> condition)
    {
        var clock = Stopwatch.StartNew();
        while (!await condition())
        {
            if (clock.Elapsed > Patience) Assert.Fail($"The condition did not hold within {Patience.TotalSeconds} s.");
            await Task.Delay(5);
        }
    }
}
