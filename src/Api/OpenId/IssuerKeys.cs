using System.Text.Json;
using Microsoft.IdentityModel.Tokens;
using Raktar.Application.TrustedPublishing;

namespace Raktar.Api.OpenId;

/// <summary>The keys of all issuers that the registry knows.</summary>
internal sealed class IssuerKeys(TrustedPublishingPolicy policy, TimeProvider time, ILogger<IssuerKeys> log) : IDisposable
{
    private readonly Dictionary<string, Issuer> _issuers = policy.Issuers.ToDictionary(issuer => issuer.Url, issuer => new Issuer(issuer.Url, time, log), StringComparer.Ordinal);

    /// <summary>The issuer's key of that id, or null. An issuer out of reach, or not what it should be: <see cref="CiIssuerUnavailableException"/>.</summary>
    public Task<JsonWebKey?> Find(string issuer, string keyId, CancellationToken cancellationToken) => _issuers[issuer].Find(keyId, cancellationToken);

    public void Dispose()
    {
        foreach (var issuer in _issuers.Values)
        {
            issuer.Dispose();
        }
    }

    /// <summary>
    /// One issuer, as it describes itself (https://openid.net/specs/openid-connect-discovery-1_0.html): its keys are fetched when they are needed, then kept for
    /// <see cref="Kept"/>, and longer while it cannot be reached.
    /// </summary>
    private sealed class Issuer(string url, TimeProvider time, ILogger log) : IDisposable
    {
        private static readonly TimeSpan Kept = TimeSpan.FromHours(1);
        private static readonly TimeSpan KeptWhenOutOfReach = TimeSpan.FromHours(24);

        // A token with a key that nobody knows makes us look for new keys, and one when the issuer is out of reach makes us try; though not at each such token.
        private static readonly TimeSpan UnknownKeyAtMostEvery = TimeSpan.FromMinutes(1);
        private static readonly TimeSpan TryAgainAfter = TimeSpan.FromSeconds(10);

        private readonly SemaphoreSlim _fetching = new(1);
        private readonly HttpClient _http = GuardedHttp.For(new Uri(url));
        private volatile Fetched? _known;
        private Failed? _failed;

        public async Task<JsonWebKey?> Find(string keyId, CancellationToken cancellationToken)
        {
            if (Known(keyId) is { } known)
            {
                return known;
            }

            await _fetching.WaitAsync(cancellationToken);
            try
            {
                return Known(keyId) ?? (_known is { } recent && Age(recent.At) < UnknownKeyAtMostEvery ? null : await Refresh(keyId));
            }
            finally
            {
                _fetching.Release();
            }
        }

        public void Dispose()
        {
            _fetching.Dispose();
            _http.Dispose();
        }

        private JsonWebKey? Known(string keyId) => _known is { } known && Age(known.At) < Kept ? known.Keys.GetValueOrDefault(keyId) : null;

        private TimeSpan Age(DateTimeOffset at) => time.GetUtcNow() - at;

        private async Task<JsonWebKey?> Refresh(string keyId)
        {
            if (_failed is not { } failed || Age(failed.At) >= TryAgainAfter)
            {
                try
                {
                    // For all who wait, so that nobody's leaving stops it.
                    _known = new(await Fetch(), time.GetUtcNow());
                    _failed = null;
                    return _known.Keys.GetValueOrDefault(keyId);
                }
                catch (Exception e)
                {
                    // Whatever the network, the parsers and the keys throw: the answer is a stranger's.
                    log.LogWarning(e, "The issuer {Issuer} cannot be asked for its keys", url);
                    _failed = new(e, time.GetUtcNow());
                }
            }

            return _known is { } old && Age(old.At) < KeptWhenOutOfReach && old.Keys.GetValueOrDefault(keyId) is { } key
                ? key
                : throw new CiIssuerUnavailableException(url, _failed!.Value.Problem);
        }

        private async Task<Dictionary<string, JsonWebKey>> Fetch()
        {
            using var discovery = JsonDocument.Parse(await Get(new Uri($"{url.TrimEnd('/')}/.well-known/openid-configuration")));
            if (discovery.RootElement.GetProperty("issuer").GetString() is var name && !string.Equals(name, url, StringComparison.Ordinal))
            {
                throw new InvalidOperationException($"it calls itself `{name}`");
            }

            var keys = new Uri(discovery.RootElement.GetProperty("jwks_uri").GetString()!, UriKind.Absolute);
            if (keys.Scheme != Uri.UriSchemeHttps && !(keys.Scheme == Uri.UriSchemeHttp && keys.IsLoopback && new Uri(url).Scheme == Uri.UriSchemeHttp))
            {
                throw new InvalidOperationException($"its keys are not at an https URL but `{keys}`");
            }

            return new JsonWebKeySet(System.Text.Encoding.UTF8.GetString(await Get(keys))).Keys
                .Where(IsForSignatures)
                .GroupBy(key => key.KeyId, StringComparer.Ordinal)
                .ToDictionary(same => same.Key, same => same.First(), StringComparer.Ordinal);
        }

        private Task<byte[]> Get(Uri from) => _http.GetByteArrayAsync(from, CancellationToken.None);

        private static bool IsForSignatures(JsonWebKey key) => !string.IsNullOrEmpty(key.KeyId)
            && (string.IsNullOrEmpty(key.Use) || key.Use == JsonWebKeyUseNames.Sig)
            && (key.Kty == JsonWebAlgorithmsKeyTypes.EllipticCurve || (key.Kty == JsonWebAlgorithmsKeyTypes.RSA && key.KeySize >= 2048));

        private sealed record Fetched(IReadOnlyDictionary<string, JsonWebKey> Keys, DateTimeOffset At);

        private readonly record struct Failed(Exception Problem, DateTimeOffset At);
    }
}

/// <summary>An issuer is out of reach or does not work: the request ends as 503.</summary>
internal sealed class CiIssuerUnavailableException(string issuer, Exception inner) : Exception($"the issuer {issuer} cannot be asked for its keys: {inner.Message}", inner)
{
    /// <summary>Its URL.</summary>
    public string Issuer { get; } = issuer;
}
