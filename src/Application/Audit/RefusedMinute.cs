namespace Raktar.Application.Audit;

/// <summary>
/// What was kept of one minute's refused attempts, by caller. It grows with the accounts and runs that try, not with addresses, of which
/// anybody has as many as they like. Not for two threads at once.
/// </summary>
internal sealed class RefusedMinute(RefusedLimits limits, DateTimeOffset start)
{
    private readonly Dictionary<string, Budget> _known = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _addresses = new(StringComparer.Ordinal);
    private readonly Budget _unknown = new(limits.UnknownPerMinute);

    /// <summary>When it began.</summary>
    public DateTimeOffset Start { get; } = start;

    /// <summary>Those of callers who had too many.</summary>
    public IReadOnlyList<RefusedOverflow> Overflows =>
        [.. _known.Values.Append(_unknown).Select(budget => budget.Overflow).OfType<RefusedOverflow>()];

    /// <summary>Counts an attempt; null: it is to be kept.</summary>
    public RefusedOverflow? Take(AuditRow attempt, string address, DateTimeOffset now)
    {
        var budget = attempt.Actor is { } actor ? Of(attempt.Ci ?? $"account {actor.Text}") : _unknown;
        if (budget.Kept < budget.Most && (budget != _unknown || HasLeft(address)))
        {
            budget.Kept++;
            return null;
        }

        budget.Overflow ??= new(now, attempt, budget.Most);
        budget.Overflow.Count++;
        return budget.Overflow;
    }

    private Budget Of(string caller)
    {
        if (!_known.TryGetValue(caller, out var budget))
        {
            _known[caller] = budget = new(limits.RefusedPerMinute);
        }

        return budget;
    }

    private bool HasLeft(string address)
    {
        var kept = _addresses.GetValueOrDefault(address);
        if (kept >= limits.UnknownPerAddress)
        {
            return false;
        }

        _addresses[address] = kept + 1;
        return true;
    }

    private sealed class Budget(int most)
    {
        public int Most { get; } = most;

        public int Kept { get; set; }

        public RefusedOverflow? Overflow { get; set; }
    }
}
