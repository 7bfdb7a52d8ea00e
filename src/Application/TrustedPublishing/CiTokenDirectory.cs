using System.Collections.Concurrent;
using Raktar.Application.Accounts;
using Raktar.Application.Callers;
using Raktar.Application.Crates.Views;
using Raktar.Application.Log;
using Raktar.Application.Ports;
using Raktar.Application.State;
using Raktar.Domain;
using Raktar.Domain.Accounts;
using Raktar.Domain.Ci;
using Raktar.Domain.Crates;

namespace Raktar.Application.TrustedPublishing;

/// <summary>
/// What a token of a continuous-integration run may do: asked of the log each time, or as often as the document store forgets
/// (<see cref="IDocumentStore.Remembered"/>), as for accounts' tokens.
/// </summary>
public sealed class CiTokenDirectory(
    Streams<CiToken> tokens, Streams<Crate> crates, GuardedCrates guarded, IDocumentStore documents, TrustedPublishingPolicy policy, TimeProvider time)
{
    private const int SweptAt = 1000;

    private readonly ConcurrentDictionary<Checksum, (Caller Caller, long Looked)> _seen = new();

    /// <summary>The run whose token this is, or null: unknown, expired, revoked, malformed, and trusted no longer look alike.</summary>
    public async Task<Caller?> Authenticate(string token, CancellationToken cancellationToken)
    {
        if (CiTokens.StreamOf(token) is not { } stream)
        {
            return null;
        }

        var hash = Tokens.Hash(token);
        if (_seen.TryGetValue(hash, out var seen) && IsRemembered(seen.Looked) && !seen.Caller.HasExpired(time))
        {
            return seen.Caller;
        }

        var looked = time.GetTimestamp();
        var caller = await Look(stream, hash, cancellationToken);
        if (caller is not null && documents.Remembered > TimeSpan.Zero)
        {
            Remember(hash, caller, looked);
        }

        return caller;
    }

    private async Task<Caller?> Look(StreamName stream, Checksum hash, CancellationToken cancellationToken)
    {
        var (token, _) = await tokens.Load(stream, cancellationToken);
        if (!token.IsGood(hash, time.GetUtcNow()) || token.Issued is not { } issued || !policy.Knows(issued.Issuer))
        {
            return null;
        }

        var trusted = new List<TrustedCrate>();
        foreach (var crate in issued.Crates)
        {
            if (await StillTrusts(crate, cancellationToken))
            {
                trusted.Add(crate);
            }
        }

        return trusted.Count == 0 ? null : new Caller(Login.TrustedPublisher, Role.Member, Token: null)
        {
            Scopes = [TokenScope.Read, TokenScope.PublishUpdate],
            Crates = trusted.Select(crate => CratePattern.Parse(crate.Name.Text)).Distinct().ToValueList(),
            TrustedBy = trusted.ToValueList(),
            ExpiresAt = issued.ExpiresAt,
            Run = issued.Run,
        };
    }

    /// <summary>From memory; a trusted publisher that is not known there yet, or no longer, is looked up. Publishing asks the log in any case.</summary>
    private async Task<bool> StillTrusts(TrustedCrate crate, CancellationToken cancellationToken) =>
        (await guarded.Find(crate.Name, cancellationToken))?.TrustedPublishers.ContainsKey(crate.Publisher) == true
        || (await crates.Load(StreamName.Of(crate.Name), cancellationToken)).State.TrustedPublishers.ContainsKey(crate.Publisher);

    private void Remember(Checksum hash, Caller caller, long looked)
    {
        if (_seen.Count >= SweptAt)
        {
            foreach (var (old, _) in _seen.Where(entry => !IsRemembered(entry.Value.Looked)))
            {
                _seen.TryRemove(old, out _);
            }
        }

        _seen[hash] = (caller, looked);
    }

    private bool IsRemembered(long looked) => time.GetElapsedTime(looked) < documents.Remembered;
}
