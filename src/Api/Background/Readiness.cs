using Raktar.Application.Ports;

namespace Raktar.Api.Background;

/// <summary>
/// Whether every dependency works. Asking them costs a write to each of them, and anybody may ask: so they are asked once at a time and once a second, and all
/// who ask meanwhile hear the same.
/// </summary>
internal sealed class Readiness(IEnumerable<IDependency> dependencies, ILogger<Readiness> log, TimeProvider time)
{
    /// <summary>The state of a dependency that works.</summary>
    public const string Ok = "ok";

    private static readonly TimeSpan Remembered = TimeSpan.FromSeconds(1);

    private readonly Lock _asking = new();
    private Task<SortedDictionary<string, string>>? _states;
    private long _asked;

    /// <summary>Each dependency, by name, and whether it works: <see cref="Ok"/>, or not.</summary>
    public Task<SortedDictionary<string, string>> States(CancellationToken cancellationToken)
    {
        lock (_asking)
        {
            if (_states is null || (_states.IsCompleted && time.GetElapsedTime(_asked) >= Remembered))
            {
                _asked = time.GetTimestamp();
                // Not ended with whoever asked first: others wait for it too.
                _states = Task.Run(Probe, CancellationToken.None);
            }

            return _states.WaitAsync(cancellationToken);
        }
    }

    private async Task<SortedDictionary<string, string>> Probe()
    {
        var states = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var dependency in dependencies)
        {
            try
            {
                await dependency.Probe(CancellationToken.None);
                states[dependency.Name] = Ok;
            }
            catch (Exception e)
            {
                // The report is public: it names what fails, the log says why.
                log.LogError(e, "{Dependency} is not ready", dependency.Name);
                states[dependency.Name] = "failing";
            }
        }

        return states;
    }
}
