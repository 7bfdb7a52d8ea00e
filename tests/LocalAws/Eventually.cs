using System.Diagnostics;

namespace Raktar.LocalAws;

/// <summary>Waiting by looking, with a deadline.</summary>
public static class Eventually
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>Looks until it is so; after the deadline fails with <paramref name="otherwise"/>.</summary>
    public static async Task Holds(Func<Task<bool>> look, TimeSpan deadline, Func<string> otherwise)
    {
        var clock = Stopwatch.StartNew();
        while (!await look())
        {
            if (clock.Elapsed > deadline)
            {
                throw new TimeoutException(otherwise());
            }

            await Task.Delay(Pause);
        }
    }
}
