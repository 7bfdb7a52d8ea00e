using System.Text;
using Raktar.Application.Ports;
using Raktar.Domain.Accounts;

namespace Raktar.Application.Accounts;

/// <summary>
/// Which sessions an account has, the oldest first: one item beside the log for each account. Processes that share a store do not wait for each other, so that
/// sign-ins at the same moment may leave a few more than there should be; those end by their time.
/// </summary>
internal sealed class OpenSessions(IAsideStore aside, int most)
{
    private const string Kind = "sessions-of";

    // Accounts may share a gate: what one takes is short.
    private readonly SemaphoreSlim[] _gates = [.. Enumerable.Range(0, 16).Select(_ => new SemaphoreSlim(1))];

    /// <summary>Adds a session; answers those that are too many now.</summary>
    public Task<IReadOnlyList<string>> Add(Login login, string key, DateTimeOffset until, CancellationToken cancellationToken) =>
        Change(login, keys => [.. keys, key], until, cancellationToken);

    /// <summary>Forgets a session that has ended.</summary>
    public Task Remove(Login login, string key, DateTimeOffset until, CancellationToken cancellationToken) =>
        Change(login, keys => [.. keys.Where(other => !string.Equals(other, key, StringComparison.Ordinal))], until, cancellationToken);

    private async Task<IReadOnlyList<string>> Change(
        Login login, Func<string[], string[]> change, DateTimeOffset until, CancellationToken cancellationToken)
    {
        var gate = _gates[(uint)StringComparer.Ordinal.GetHashCode(login.Text) % _gates.Length];
        await gate.WaitAsync(cancellationToken);
        try
        {
            var stored = await aside.Get(Kind, login.Text, cancellationToken);
            var keys = change(stored is null ? [] : Encoding.ASCII.GetString(stored).Split('\n', StringSplitOptions.RemoveEmptyEntries));
            var tooMany = Math.Max(0, keys.Length - most);
            await aside.Put(Kind, login.Text, Encoding.ASCII.GetBytes(string.Join('\n', keys[tooMany..])), until, cancellationToken);
            return keys[..tooMany];
        }
        finally
        {
            gate.Release();
        }
    }
}
