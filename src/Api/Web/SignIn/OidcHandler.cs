using System.Net;
using System.Net.Http.Headers;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OAuth;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Raktar.Api.OpenId;
using Raktar.Api.Settings;
using Raktar.Domain;

namespace Raktar.Api.Web.SignIn;

/// <summary>The handler's settings; those that it shares with others are in <see cref="OidcOptions"/>.</summary>
internal sealed class OidcHandlerOptions : OAuthOptions
{
    /// <summary>Nothing: the framework would insist on a secret and on endpoints, which come from the issuer.</summary>
    public override void Validate()
    {
    }
}

/// <summary>
/// OpenID Connect on top of the framework's OAuth: its state, correlation cookie and PKCE, with the endpoints that the issuer names, a nonce, and an id_token
/// that says who it is (https://openid.net/specs/openid-connect-core-1_0.html#CodeFlowAuth). What went wrong is a <see cref="SignInException"/>, or an
/// <see cref="IssuerUnavailableException"/>.
/// </summary>
internal sealed class OidcHandler(
    IOptionsMonitor<OidcHandlerOptions> options, ILoggerFactory logger, UrlEncoder encoder, RaktarOptions raktar, Issuer issuer, IdTokens idTokens)
    : OAuthHandler<OidcHandlerOptions>(options, logger, encoder)
{
    /// <summary>The scheme, and the name of the client for calls behind the browser's back.</summary>
    public const string Name = "oidc";

    /// <summary>Where the issuer sends people back to.</summary>
    public const string CallbackPath = "/login/callback";

    private const string Nonce = "nonce";

    private readonly OidcOptions _oidc = raktar.Oidc;

    // As it is registered with the issuer: behind a proxy the request itself may say something else.
    private string RedirectUri => raktar.PublicUrl + CallbackPath;

    /// <inheritdoc/>
    protected override async Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Options.AuthorizationEndpoint = (await issuer.Get(Context.RequestAborted)).AuthorizationEndpoint;
        await base.HandleChallengeAsync(properties);
    }

    /// <inheritdoc/>
    protected override string BuildChallengeUrl(AuthenticationProperties properties, string redirectUri)
    {
        var nonce = WebEncoders.Base64UrlEncode(RandomNumberGenerator.GetBytes(32));
        properties.Items[Nonce] = nonce;
        return QueryHelpers.AddQueryString(base.BuildChallengeUrl(properties, RedirectUri), Nonce, nonce);
    }

    /// <inheritdoc/>
    protected override async Task<OAuthTokenResponse> ExchangeCodeAsync(OAuthCodeExchangeContext context)
    {
        var configuration = await issuer.Get(Context.RequestAborted);
        var form = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["grant_type"] = "authorization_code",
            ["code"] = context.Code,
            ["redirect_uri"] = RedirectUri,
            ["client_id"] = _oidc.ClientId,
            [OAuthConstants.CodeVerifierKey] = context.Properties.Items[OAuthConstants.CodeVerifierKey],
        };
        using var request = new HttpRequestMessage(HttpMethod.Post, configuration.TokenEndpoint);
        if (_oidc.ClientSecret is { Length: > 0 } secret)
        {
            // Without a list it is the basic one: https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderMetadata
            if (configuration.TokenEndpointAuthMethodsSupported is { Count: > 0 } methods && !methods.Contains("client_secret_basic", StringComparer.Ordinal))
            {
                form["client_secret"] = secret;
            }
            else
            {
                // https://www.rfc-editor.org/rfc/rfc6749#section-2.3.1: encoded as in a form, then in base64.
                var pair = $"{WebUtility.UrlEncode(_oidc.ClientId)}:{WebUtility.UrlEncode(secret)}";
                request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(pair)));
            }
        }

        request.Content = new FormUrlEncodedContent(form);
        var (status, body) = await Send(request);
        if (status == HttpStatusCode.OK)
        {
            return OAuthTokenResponse.Success(body);
        }

        using (body)
        {
            var error = body.RootElement.ValueKind == JsonValueKind.Object && body.RootElement.TryGetProperty("error", out var code) ? code.ToString() : null;
            Logger.LogWarning("The identity provider gave no token: {Status} {Error}", (int)status, error);
            throw error == "invalid_grant"
                ? new SignInException(new InvalidInput("the sign-in took too long or was completed before; please sign in again"))
                : new IssuerUnavailableException($"it does not take this registry's request for a token ({error})");
        }
    }

    /// <inheritdoc/>
    protected override async Task<AuthenticationTicket> CreateTicketAsync(
        ClaimsIdentity identity, AuthenticationProperties properties, OAuthTokenResponse tokens)
    {
        if (tokens.Response?.RootElement.TryGetProperty("id_token", out var idToken) != true || idToken.ValueKind != JsonValueKind.String)
        {
            throw new IssuerUnavailableException("it sent no id_token");
        }

        var validated = await idTokens.Validate(idToken.GetString()!, properties.Items[Nonce]!, Context.RequestAborted);
        if (validated.Refusal is { } refusal)
        {
            throw new SignInException(refusal);
        }

        var claims = new IdentityClaims(validated.Value, _oidc);
        var configuration = await issuer.Get(Context.RequestAborted);
        if (!claims.AreComplete && configuration.UserInfoEndpoint is { Length: > 0 } endpoint)
        {
            claims = claims.With(await UserInfo(endpoint, tokens.AccessToken!, claims.Subject));
        }

        return new AuthenticationTicket(new ClaimsPrincipal(claims.ToIdentity()), properties, Scheme.Name);
    }

    // Issuers that keep to the letter say in the id_token only who it is, and the rest here: https://openid.net/specs/openid-connect-core-1_0.html#UserInfo
    private async Task<JsonElement> UserInfo(string endpoint, string accessToken, string subject)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, endpoint);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", accessToken);
        var (status, body) = await Send(request);
        using (body)
        {
            if (status != HttpStatusCode.OK || body.RootElement.ValueKind != JsonValueKind.Object)
            {
                throw new IssuerUnavailableException($"it does not say whose token it is ({(int)status})");
            }

            // Of somebody else it would be a mix-up of tokens.
            return body.RootElement.TryGetProperty("sub", out var whose) && string.Equals(whose.ToString(), subject, StringComparison.Ordinal)
                ? body.RootElement.Clone()
                : throw new SignInException(new InvalidInput("the identity provider's answers are about different people; please sign in again"));
        }
    }

    private async Task<(HttpStatusCode Status, JsonDocument Body)> Send(HttpRequestMessage request)
    {
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        try
        {
            using var response = await Backchannel.SendAsync(request, Context.RequestAborted);
            return response.StatusCode >= HttpStatusCode.InternalServerError
                ? throw new IssuerUnavailableException($"it answers {(int)response.StatusCode}")
                : (response.StatusCode, await JsonDocument.ParseAsync(await response.Content.ReadAsStreamAsync(Context.RequestAborted)));
        }
        catch (Exception e) when (e is HttpRequestException or JsonException || (e is OperationCanceledException && !Context.RequestAborted.IsCancellationRequested))
        {
            throw new IssuerUnavailableException("it does not answer as it should", e);
        }
    }
}
