using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Raktar.Application.Callers;
using Raktar.Application.Log;
using Raktar.Application.Ports;
using Raktar.Application.State;
using Raktar.Domain;
using Raktar.Domain.Accounts;

namespace Raktar.Application.Accounts;

/// <summary>
/// Which account a token belongs to, and which accounts there are. A document says whose token it is; what it may do is asked of the log each time that the
/// store answers with another document than the last time, and each time while the document may lack something, so that a projection that lags or fails keeps
/// no revoked token alive.
/// </summary>
public sealed class AccountDirectory(
    IDocumentStore documents, Streams<Account> accounts, Streams<Team> teams, Unprojected unprojected, TimeProvider time) : IDisposable
{
    private static readonly AccountStreams State = new();

    // Of each good token: its document when it was last looked at, and what the log said then. As many as there are live tokens.
    private readonly ConcurrentDictionary<TokenHash, Seen> _seen = new();

    private readonly Followed<Account> _all = new(documents, AccountStreams.Kind, body => State.Parse(body).State);

    /// <summary>The account whose live token this is, or null: unknown, revoked and malformed look alike.</summary>
    public ValueTask<Caller?> Authenticate(string token, CancellationToken cancellationToken)
    {
        if (token.Length > 512)
        {
            return new((Caller?)null);
        }

        Span<byte> utf8 = stackalloc byte[512 * 3];
        Span<byte> bytes = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(utf8[..Encoding.UTF8.GetBytes(token, utf8)], bytes);
        var hash = new TokenHash(bytes);
        var known = _seen.TryGetValue(hash, out var seen);
        var hex = known ? seen.Hex : Convert.ToHexStringLower(bytes);
        known = known && IsProjected(seen.Caller.Login);
        var found = documents.Find(AccountStreams.Kind, hex, cancellationToken);
        if (!found.IsCompletedSuccessfully)
        {
            return FindLater(hash, hex, found, known, cancellationToken);
        }

        var document = found.Result;
        return known && ReferenceEquals(seen.Document, document) && !seen.Caller.HasExpired(time) ? new(seen.Caller) : Look(hash, hex, document, cancellationToken);
    }

    /// <summary>What somebody who is signed in may do now, as the log says; null: their session was ended, or the token that they signed in with.</summary>
    public async Task<Caller?> Authenticate(Session session, CancellationToken cancellationToken)
    {
        if (await Find(session.Login, cancellationToken) is not { Login: { } login, IsDisabled: false } account
            || account.SessionEpoch != session.Epoch)
        {
            return null;
        }

        return session.Token is not { } id ? new(login, account.Role, Token: null) { Teams = account.Teams }
            : account.Tokens.TryGetValue(id, out var token) && token.IsLive(time.GetUtcNow()) ? CallerOf(account, login, token)
            : null;
    }

    /// <summary>Whose account an identity is linked to, of those that the projection knows; null: nobody's.</summary>
    public async Task<Login?> Find(ExternalIdentity identity, CancellationToken cancellationToken)
    {
        var document = await documents.Find(AccountStreams.Kind, AccountStreams.AliasOf(identity), cancellationToken);
        return document?.View(State.Parse).State.Login is { } login && await Find(login, cancellationToken) is { } account && account.Identity == identity
            ? account.Login
            : null;
    }

    /// <summary>The account, or null.</summary>
    public async Task<Account?> Find(Login login, CancellationToken cancellationToken) =>
        (await accounts.Load(StreamName.Of(login), cancellationToken)).State is { Login: not null } account ? account : null;

    /// <summary>Every account, by login, as the projection last saw it.</summary>
    public async Task<IEnumerable<Account>> All(CancellationToken cancellationToken) =>
        (await _all.Current(cancellationToken)).Where(account => account.Login is not null).OrderBy(account => account.Login!.Text, StringComparer.Ordinal);

    /// <summary>Whether there is such a team.</summary>
    public async Task<bool> HasTeam(TeamName team, CancellationToken cancellationToken) =>
        (await teams.Load(StreamName.Of(team), cancellationToken)).State.Name is not null;

    /// <inheritdoc/>
    public void Dispose() => _all.Dispose();

    private bool IsProjected(Login login) => unprojected.IsEmpty || unprojected.Find(StreamName.Of(login)) is null;

    private async ValueTask<Caller?> FindLater(TokenHash hash, string hex, ValueTask<Document?> found, bool known, CancellationToken cancellationToken)
    {
        var document = await found;
        return known && _seen.TryGetValue(hash, out var seen) && ReferenceEquals(seen.Document, document) && !seen.Caller.HasExpired(time)
            ? seen.Caller
            : await Look(hash, hex, document, cancellationToken);
    }

    private async ValueTask<Caller?> Look(TokenHash hash, string hex, Document? document, CancellationToken cancellationToken)
    {
        var account = document?.View(State.Parse).State.Login is { } whose ? await Find(whose, cancellationToken) : null;
        var token = account?.Tokens.Values.FirstOrDefault(token => token.IsLive(time.GetUtcNow()) && string.Equals(token.Hash.Hex, hex, StringComparison.Ordinal));
        if (account?.Login is not { } login || token is null)
        {
            _seen.TryRemove(hash, out _);
            return null;
        }

        var caller = CallerOf(account, login, token);
        _seen[hash] = new(hex, document!, caller);
        return caller;
    }

    private static Caller CallerOf(Account account, Login login, IssuedToken token) => new(login, account.Role, token.Id)
    {
        Teams = account.Teams,
        // A role that was taken down takes its tokens down with it.
        Scopes = token.Scopes.Intersect(TokenScopes.Of(account.Role)).ToValueList(),
        Crates = token.Crates,
        ExpiresAt = token.ExpiresAt,
    };

    private readonly record struct Seen(string Hex, Document Document, Caller Caller);

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct TokenHash(ulong A, ulong B, ulong C, ulong D)
    {
        public TokenHash(ReadOnlySpan<byte> hash)
            : this(MemoryMarshal.Read<ulong>(hash), MemoryMarshal.Read<ulong>(hash[8..]), MemoryMarshal.Read<ulong>(hash[16..]), MemoryMarshal.Read<ulong>(hash[24..]))
        {
        }
    }
}
