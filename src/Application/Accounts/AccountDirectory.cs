using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Raktar.Application.Events;
using Raktar.Application.Ports;
using Raktar.Domain.Accounts;

namespace Raktar.Application.Accounts;

/// <summary>Which account a token belongs to, and which accounts there are: all in memory, current at each question.</summary>
public sealed class AccountDirectory : IDisposable
{
    private static readonly AccountStreams State = new();

    private readonly ConcurrentDictionary<TokenHash, TokenOwner> _byHash = new();
    private readonly Followed<Snapshot<Account>> _accounts;

    /// <summary>A directory over the account documents.</summary>
    public AccountDirectory(IDocumentStore documents) => _accounts = new(documents, AccountStreams.Kind, State.Parse, Changed);

    /// <summary>The account whose live token this is, or null: unknown, revoked and malformed look alike.</summary>
    public ValueTask<TokenOwner?> Authenticate(string token, CancellationToken cancellationToken)
    {
        var current = _accounts.Current(cancellationToken);
        return current.IsCompletedSuccessfully ? new(Find(token)) : FindLater(token, current);
    }

    /// <summary>The account, or null.</summary>
    public async ValueTask<Account?> Find(Login login, CancellationToken cancellationToken) =>
        (await _accounts.Current(cancellationToken)).GetValueOrDefault(login.Text)?.State;

    /// <inheritdoc/>
    public void Dispose() => _accounts.Dispose();

    private async ValueTask<TokenOwner?> FindLater<T>(string token, ValueTask<T> current)
    {
        await current;
        return Find(token);
    }

    private TokenOwner? Find(string token)
    {
        if (token.Length > 512)
        {
            return null;
        }

        Span<byte> utf8 = stackalloc byte[512 * 3];
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(utf8[..Encoding.UTF8.GetBytes(token, utf8)], hash);

        // The look-up by hash leaks at most how hashes are bucketed; the comparison that decides takes constant time.
        return _byHash.TryGetValue(new TokenHash(hash), out var owner) && CryptographicOperations.FixedTimeEquals(hash, owner.Hash) ? owner : null;
    }

    private void Changed(Snapshot<Account>? before, Snapshot<Account> now)
    {
        foreach (var token in now.State.Tokens.Values)
        {
            var hash = Convert.FromHexString(token.Hash.Hex);
            if (token.IsRevoked)
            {
                _byHash.TryRemove(new TokenHash(hash), out _);
            }
            else
            {
                _byHash[new TokenHash(hash)] = new TokenOwner(now.State.Login!, now.State.Role, token.Id, hash);
            }
        }
    }

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
public sealed record TokenOwner(Login Login, Role Role, int Token, byte[] Hash);
