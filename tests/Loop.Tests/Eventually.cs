namespace Gyre.Loop.Tests;

/// <summary>Waits for a condition instead of for a while.</summary>
internal static class Eventually
{
    /// <summary>Until a request succeeds.</summary>
    public static Task HoldsAsync(Func<Task<HttpResponseMessage>> request) => HoldsAsync(async () =>
    {
        using var answer = await request();
        return answer.IsSuccessStatusCode;
    });

    public static Task HoldsAsync(Func<bool> condition) => HoldsAsync(() => Task.FromResult(condition()));

    private static async Task HoldsAsync(Func<Task<bool>> condition)
    {
        for (var i = 0; i < 1000; i++)
        {
            if (await condition()) return;
            await Task.Delay(20);
        }

        Assert.Fail("the condition did not hold within 20 s");
    }
}
