using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Raktar.Application.Callers;
using Raktar.Application.Ports;
using Raktar.Domain.Accounts;

namespace Raktar.Application.Accounts;

/// <summary>
/// When each token was last used, to within <see cref="Resolution"/>: kept beside the log, because reading is no event, and written some at a time, because a
/// build asks thousands of times. What a killed process had not written yet is forgotten.
/// </summary>
public sealed class TokenUses(IAsideStore aside, TimeProvider time)
{
    /// <summary>How far apart two uses of one token must be for the second to be noted.</summary>
    public static readonly TimeSpan Resolution = TimeSpan.FromMinutes(5);

    private const string Kind = "token-use";

    // Tokens that nobody used for longer are forgotten: longer than any that expires, and than a year.
    private static readonly TimeSpan Kept = TimeSpan.FromDays(400);

    private readonly ConcurrentDictionary<(Login Login, int Token), DateTimeOffset> _noted = new();
    private readonly ConcurrentDictionary<(Login Login, int Token), DateTimeOffset> _waiting = new();

    /// <summary>Notes a use; cheap enough for every request.</summary>
    public void Note(Caller caller)
    {
        if (caller.Token is not { } token)
        {
            return;
        }

        var now = time.GetUtcNow();
        if (!_noted.TryGetValue((caller.Login, token), out var last) || now - last >= Resolution)
        {
            _noted[(caller.Login, token)] = now;
            _waiting[(caller.Login, token)] = now;
        }
    }

    /// <summary>Writes what was noted since; what cannot be written now is written the next time.</summary>
    public async Task Write(CancellationToken cancellationToken)
    {
        foreach (var ((login, token), at) in _waiting.ToList())
        {
            var text = at.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);
            await aside.Put(Kind, Key(login, token), Encoding.ASCII.GetBytes(text), at + Kept, cancellationToken);
            _waiting.TryRemove(KeyValuePair.Create((login, token), at));
        }
    }

    /// <summary>When the tokens of an account were last used, by their ids.</summary>
    public async Task<IReadOnlyDictionary<int, DateTimeOffset>> Of(Account account, CancellationToken cancellationToken)
    {
        var uses = new Dictionary<int, DateTimeOffset>();
        var now = time.GetUtcNow();
        foreach (var token in account.Tokens.Values.Where(token => token.IsLive(now)))
        {
            if (_waiting.TryGetValue((account.Login!, token.Id), out var waiting))
            {
                uses[token.Id] = waiting;
            }
            else if (await aside.Get(Kind, Key(account.Login!, token.Id), cancellationToken) is { } written)
            {
                uses[token.Id] = DateTimeOffset.Parse(Encoding.ASCII.GetString(written), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
            }
        }

        return uses;
    }

    private static string Key(Login login, int token) => string.Create(CultureInfo.InvariantCulture, $"{login}/{token}");
}
