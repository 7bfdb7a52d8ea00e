using Raktar.Application.Accounts;
using Raktar.Application.Log;
using Raktar.Application.State;
using Raktar.Domain;
using Raktar.Domain.Ci;

namespace Raktar.Application.TrustedPublishing;

/// <summary>
/// The text of tokens for continuous-integration runs: <c>rk_ci_</c>, the 64 digits that name their stream, then as in <see cref="Tokens"/> 34 random letters
/// and digits and 6 that check them. So a token is found with one read of the log, and no document is needed.
/// </summary>
public static class CiTokens
{
    /// <summary>How long they are good.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(30);

    private const string Prefix = "rk_ci_";
    private const int KeyLength = 64;

    /// <summary>Whether a text wants to be such a token. No other token begins so.</summary>
    public static bool IsOne(string token) => token.StartsWith(Prefix, StringComparison.Ordinal);

    /// <summary>The stream that says what the token is; null: it is not made as they are.</summary>
    public static StreamName? StreamOf(string token) =>
        IsOne(token)
        && token.Length == Prefix.Length + KeyLength + Tokens.RandomLength + Tokens.CheckLength
        && string.Equals(token[^Tokens.CheckLength..], Tokens.Check(token[Prefix.Length..^Tokens.CheckLength]), StringComparison.Ordinal)
        && Checksum.TryParse(token.Substring(Prefix.Length, KeyLength), out var key)
            ? StreamName.OfCiToken(key)
            : null;

    /// <summary>A new token for that stream.</summary>
    internal static string Create(StreamName stream)
    {
        var text = stream.Key + Tokens.Random();
        return Prefix + text + Tokens.Check(text);
    }
}

/// <summary>Streams of tokens for runs. They have two facts at most, so nobody writes documents of them.</summary>
public sealed record CiTokenStreams() : StreamState<CiToken>(StreamName.CiTokenKind, CiToken.Unissued, StateJson.Default.SnapshotCiToken)
{
    /// <inheritdoc/>
    public override CiToken Evolve(CiToken state, DomainEvent fact) => state.Evolve((CiTokenEvent)fact);
}
