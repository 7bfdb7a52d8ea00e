using System.Collections.Concurrent;

namespace Raktar.Api.Settings;

/// <summary>What the operator can mend: said once in the log, and on the administrators' page as long as this process runs.</summary>
internal sealed class OperatorWarnings(ILogger<OperatorWarnings> log)
{
    private readonly ConcurrentDictionary<string, bool> _said = new(StringComparer.Ordinal);

    /// <summary>All that was said.</summary>
    public IReadOnlyList<string> All => [.. _said.Keys.Order(StringComparer.Ordinal)];

    /// <summary>Says it, unless it was said before. It is remembered, so nothing of a request may be in it.</summary>
    public void Say(string sentence)
    {
        if (_said.TryAdd(sentence, true))
        {
            log.LogWarning("{Warning}", sentence);
        }
    }
}
