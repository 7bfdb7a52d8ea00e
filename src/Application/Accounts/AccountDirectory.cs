using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Raktar.Application.Events;
using Raktar.Application.Ports;
using Raktar.Domain.Accounts;

namespace Raktar.Application.Accounts;

/// <summary>Which account a token belongs to, and which accounts there are: as fresh as the document store answers.</summary>
public sealed class AccountDirectory(IDocumentStore documents)
{
    private static readonly AccountStreams State = new();

    // Of each good token: what its document said when it was last looked at. As many as there are live tokens.
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
            return FindLater(hash, hex, found);
        }

        var document = found.Result;
        return new(known && ReferenceEquals(seen.Document, document) ? seen.Owner : Look(hash, hex, document));
    }

    /// <summary>The account, or null.</summary>
    public async ValueTask<Account?> Find(Login login, CancellationToken cancellationToken) =>
        (await documents.Get(new(AccountStreams.Kind, login.Text), cancellationToken))?.View(State.Parse).State;

    private async ValueTask<TokenOwner?> FindLater(TokenHash hash, string hex, ValueTask<Document?> found) => Look(hash, hex, await found);

    private TokenOwner? Look(TokenHash hash, string hex, Document? document)
    {
        var account = document?.View(State.Parse).State;
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
