using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Raktar.Api.Settings;

namespace Raktar.Api.OpenId;

/// <summary>
/// The identity provider as it describes itself (https://openid.net/specs/openid-connect-discovery-1_0.html): its endpoints and keys, fetched when they
/// are needed, then kept for <see cref="Kept"/>. When it cannot be fetched anew, what is known goes on being used.
/// </summary>
internal sealed class Issuer(OidcOptions options, HttpClient http, TimeProvider time, ILogger<Issuer> log) : IDisposable
{
    private static readonly TimeSpan Kept = TimeSpan.FromHours(1);

    // A token with a key that nobody knows makes us look for new keys, though not at each such token.
    private static readonly TimeSpan AtMostEvery = TimeSpan.FromMinutes(1);

    private readonly SemaphoreSlim _fetching = new(1);
    private OpenIdConnectConfiguration? _known;
    private DateTimeOffset _asked;
    private int _failures;

    /// <summary>Its endpoints and keys. Out of reach, or not what it should be: <see cref="IssuerUnavailableException"/>.</summary>
    public Task<OpenIdConnectConfiguration> Get(CancellationToken cancellationToken) => Get(Kept, cancellationToken);

    /// <summary>The same, fetched again unless that was tried within the last minute: for a key that is not there.</summary>
    public Task<OpenIdConnectConfiguration> GetNewest(CancellationToken cancellationToken) => Get(AtMostEvery, cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => _fetching.Dispose();

    private async Task<OpenIdConnectConfiguration> Get(TimeSpan maxAge, CancellationToken cancellationToken)
    {
        var failures = Volatile.Read(ref _failures);
        await _fetching.WaitAsync(cancellationToken);
        try
        {
            // A request that waited for another's attempt shares how that ended: else each would wait in turn until it fails.
            if (_known is null && _failures != failures)
            {
                throw new IssuerUnavailableException("it did not describe itself a moment ago");
            }

            if (_known is { } known && time.GetUtcNow() - _asked < maxAge)
            {
                return known;
            }

            try
            {
                _known = await Fetch(cancellationToken);
            }
            catch (IssuerUnavailableException e) when (_known is not null)
            {
                log.LogWarning(e, "The identity provider cannot be asked for its keys; those that are known go on being used");
            }
            catch (IssuerUnavailableException)
            {
                _failures++;
                throw;
            }

            _asked = time.GetUtcNow();
            return _known;
        }
        finally
        {
            _fetching.Release();
        }
    }

    private async Task<OpenIdConnectConfiguration> Fetch(CancellationToken cancellationToken)
    {
        OpenIdConnectConfiguration found;
        try
        {
            found = await OpenIdConnectConfigurationRetriever.GetAsync(
                $"{options.Authority.TrimEnd('/')}/.well-known/openid-configuration",
                // The settings allow http for this machine only.
                new HttpDocumentRetriever(http) { RequireHttps = !options.IsOnThisMachine },
                cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            // The retriever throws whatever the network, the parser or the keys throw.
            throw new IssuerUnavailableException("it does not describe itself", e);
        }

        if (!string.Equals(found.Issuer?.TrimEnd('/'), options.Authority.TrimEnd('/'), StringComparison.Ordinal))
        {
            throw new IssuerUnavailableException($"it calls itself `{found.Issuer}`, which is not Raktar:Oidc:Authority");
        }

        return string.IsNullOrEmpty(found.AuthorizationEndpoint) || string.IsNullOrEmpty(found.TokenEndpoint)
            ? throw new IssuerUnavailableException("it names no endpoints")
            : found;
    }
}

/// <summary>The identity provider is out of reach or does not work: the request ends as 503.</summary>
internal sealed class IssuerUnavailableException(string what, Exception? inner = null) : Exception($"the identity provider: {what}", inner);
