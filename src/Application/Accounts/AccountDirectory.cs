using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Raktar.Application.Events;
using Raktar.Application.Ports;
using Raktar.Domain.Accounts;

namespace Raktar.Application.Accounts;

/// <summary>
/// Which account a token belongs to, and which accounts there are. A document says whose token it is; what it may do is asked of the log each time that the
/// store answers with another document than the last time, so that a projection that lags or fails keeps no revoked token alive.
/// </summary>
public sealed class AccountDirectory(IDocumentStore documents, Streams<Account> accounts)
{
    private static readonly AccountStreams State = new();

    // Of each good token: its document when it was last looked at, and what the log said then. As many as there are live tokens.
    private readonly ConcurrentDictionary<TokenHash, Seen> _seen = new();

    /// <summary>The account whose live token this is, or null: unknown, revoked and malformed look alike.</summary>
    public ValueTask<TokenOwner?> Authenticate(string token, CancellationToken cancellationToken)
    {
        if (token.Length > 512)
        {
            return new((TokenOwner?)null);
        }

        Span<byte> utf8 = stackalloc byte[512 * 3];
        Span<byte> bytes = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(utf8[..Encoding.UTF8.GetBytes(token, utf8)], bytes);
        var hash = new TokenHash(bytes);
        var known = _seen.TryGetValue(hash, out var seen);
        var hex = known ? seen.Hex : Convert.ToHexStringLower(bytes);
        var found = documents.Find(AccountStreams.Kind, hex, cancellationToken);
        if (!found.IsCompletedSuccessfully)
        {
            return FindLater(hash, hex, found, cancellationToken);
        }

        var document = found.Result;
        return known && ReferenceEquals(seen.Document, document) ? new(seen.Owner) : Look(hash, hex, document, cancellationToken);
    }

    /// <summary>The account, or null.</summary>
    public async Task<Account?> Find(Login login, CancellationToken cancellationToken) =>
        (await accounts.Load(StreamName.Of(login), cancellationToken)).State is { Login: not null } account ? account : null;

    private async ValueTask<TokenOwner?> FindLater(TokenHash hash, string hex, ValueTask<Document?> found, CancellationToken cancellationToken)
    {
        var document = await found;
        return _seen.TryGetValue(hash, out var seen) && ReferenceEquals(seen.Document, document)
            ? seen.Owner
            : await Look(hash, hex, document, cancellationToken);
    }

    private async ValueTask<TokenOwner?> Look(TokenHash hash, string hex, Document? document, CancellationToken cancellationToken)
    {
        var account = document?.View(State.Parse).State.Login is { } whose ? await Find(whose, cancellationToken) : null;
        var token = account?.Tokens.Values.FirstOrDefault(token => !token.IsRevoked && string.Equals(token.Hash.Hex, hex, StringComparison.Ordinal));
        if (account?.Login is not { } login || token is null)
        {
            _seen.TryRemove(hash, out _);
            return null;
        }

        var owner = new TokenOwner(login, account.Role, token.Id);
        _seen[hash] = new(hex, document!, owner);
        return owner;
    }

    private readonly record struct Seen(string Hex, Document Document, TokenOwner Owner);

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct TokenHash(ulong A, ulong B, ulong C, ulong D)
    {
        public TokenHash(ReadOnlySpan<byte> hash)
            : this(MemoryMarshal.Read<ulong>(hash), MemoryMarshal.Read<ulong>(hash[8..]), MemoryMarshal.Read<ulong>(hash[16..]), MemoryMarshal.Read<ulong>(hash[24..]))
        {
        }
    }
}

/// <summary>Whose token it is, and what that account may do now.</summary>
public sealed record TokenOwner(Login Login, Role Role, int Token);
