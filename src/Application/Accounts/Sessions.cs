using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Raktar.Application.Log;
using Raktar.Application.Ports;
using Raktar.Domain.Accounts;

namespace Raktar.Application.Accounts;

/// <summary>How long people stay signed in (<c>Raktar:Sessions:*</c>).</summary>
public sealed record SessionPolicy
{
    /// <summary>Hours after which a session ends in any case.</summary>
    public int Hours { get; init; } = 12;

    /// <summary>Minutes without a request after which it ends.</summary>
    public int IdleMinutes { get; init; } = 120;

    /// <summary>The most that <see cref="PerAccount"/> may be: their keys are kept in one item.</summary>
    public const int MostPerAccount = 500;

    /// <summary>Sessions of one account at a time; one more ends the oldest.</summary>
    public int PerAccount { get; init; } = 50;
}

/// <summary>
/// Who is signed in, kept beside the log. The browser has 256 random bits; only their SHA-256 is kept. That a session is used is kept apart from it, so that
/// a request that is still under way cannot bring back a session that somebody has just ended.
/// </summary>
public sealed class Sessions(IAsideStore aside, SessionPolicy options, TimeProvider time)
{
    private const string Kind = "session";
    private const string Used = "session-used";

    private readonly OpenSessions _open = new(aside, options.PerAccount);

    private TimeSpan Idle => TimeSpan.FromMinutes(options.IdleMinutes);

    /// <summary>Starts a session; answers it with the text for the browser.</summary>
    /// <param name="login">Whose account.</param>
    /// <param name="name">What the identity provider calls them.</param>
    /// <param name="token">The token that they signed in with, if so.</param>
    /// <param name="epoch">The account's <see cref="Account.SessionEpoch"/>: the session is over when that moves on.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task<(string Text, Session Session)> Start(
        Login login, string? name, int? token, int epoch, CancellationToken cancellationToken)
    {
        var text = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        var now = time.GetUtcNow();
        var session = new Session(login, name, token, now, now.AddHours(options.Hours), epoch);
        await MarkUsed(KeyOf(text), now, cancellationToken);
        await aside.Put(Kind, KeyOf(text), JsonSerializer.SerializeToUtf8Bytes(session, SessionJson.Default.Session), session.Until, cancellationToken);
        foreach (var oldest in await _open.Add(login, KeyOf(text), session.Until, cancellationToken))
        {
            await Forget(oldest, cancellationToken);
        }

        return (text, session);
    }

    /// <summary>The session of a browser's text, or null: unknown, ended, too long unused. It counts as used.</summary>
    public async Task<Session?> Find(string text, CancellationToken cancellationToken)
    {
        if (text.Length != 64)
        {
            return null;
        }

        var key = KeyOf(text);
        var (stored, used) = (aside.Get(Kind, key, cancellationToken), aside.Get(Used, key, cancellationToken));
        await Task.WhenAll(stored, used);
        if (stored.Result is not { } body || used.Result is not { } at)
        {
            return null;
        }

        // A write now and then is exact enough.
        var now = time.GetUtcNow();
        if (now - DateTimeOffset.Parse(Encoding.ASCII.GetString(at), CultureInfo.InvariantCulture) > Idle / 10)
        {
            await MarkUsed(key, now, cancellationToken);
        }

        return JsonSerializer.Deserialize(body, SessionJson.Default.Session);
    }

    /// <summary>Ends a session; ending it twice is fine.</summary>
    public async Task End(string text, CancellationToken cancellationToken)
    {
        var key = KeyOf(text);
        if (await aside.Get(Kind, key, cancellationToken) is { } body && JsonSerializer.Deserialize(body, SessionJson.Default.Session) is { } session)
        {
            await Forget(key, cancellationToken);
            await _open.Remove(session.Login, key, time.GetUtcNow().AddHours(options.Hours), cancellationToken);
        }
    }

    private async Task Forget(string key, CancellationToken cancellationToken)
    {
        await aside.Remove(Kind, key, cancellationToken);
        await aside.Remove(Used, key, cancellationToken);
    }

    private static string KeyOf(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(text)));

    private Task MarkUsed(string key, DateTimeOffset now, CancellationToken cancellationToken) =>
        aside.Put(Used, key, Encoding.ASCII.GetBytes(now.ToString("O", CultureInfo.InvariantCulture)), now + Idle, cancellationToken);
}

/// <summary>Somebody who is signed in in a browser.</summary>
/// <param name="Login">Whose account.</param>
/// <param name="Name">What the identity provider calls them.</param>
/// <param name="Token">The token that they signed in with, whose rights and end are the session's; null: they have all rights of the account.</param>
/// <param name="Since">Since when.</param>
/// <param name="Until">When it ends in any case.</param>
/// <param name="Epoch">The account's <see cref="Account.SessionEpoch"/> when it began.</param>
public sealed record Session(Login Login, string? Name, int? Token, DateTimeOffset Since, DateTimeOffset Until, int Epoch = 0);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [typeof(LoginJson)])]
[JsonSerializable(typeof(Session))]
internal sealed partial class SessionJson : JsonSerializerContext;
