namespace Gyre.Loop.Tests;

/// <summary>Waits for a condition instead of for a while.</summary>
internal static class Eventually
{
    public static async Task HoldsAsync(Func<bool> condition)
    {
        for (var i = 0; i < 1000; i++)
        {
            if (condition()) return;
            await Task.Delay(20);
        }

        Assert.Fail("the condition did not hold within 20 s");
    }
}
