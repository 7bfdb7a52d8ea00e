using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;
using Raktar.Api.Settings;
using Raktar.Application;
using Raktar.Domain;

namespace Raktar.Api.OpenId;

/// <summary>
/// Says whether an id_token is one of the issuer's for this registry and this sign-in
/// (https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation). Which check failed goes to the log, not to whoever sent it.
/// </summary>
internal sealed class IdTokens(OidcOptions options, Issuer issuer, ILogger<IdTokens> log)
{
    private static readonly InvalidInput NotBelieved = new("the identity provider's answer is not to be believed; please sign in again");

    private static readonly string[] Asymmetric =
    [
        SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSha384, SecurityAlgorithms.RsaSha512,
        SecurityAlgorithms.RsaSsaPssSha256, SecurityAlgorithms.RsaSsaPssSha384, SecurityAlgorithms.RsaSsaPssSha512,
        SecurityAlgorithms.EcdsaSha256, SecurityAlgorithms.EcdsaSha384, SecurityAlgorithms.EcdsaSha512,
    ];

    private readonly JsonWebTokenHandler _handler = new() { MapInboundClaims = false };

    /// <summary>The token's claims, or the refusal. <paramref name="nonce"/> was sent along when the sign-in began.</summary>
    public async Task<Outcome<JsonElement>> Validate(string idToken, string nonce, CancellationToken cancellationToken)
    {
        var result = await Validate(idToken, await issuer.Get(cancellationToken));
        if (result.Exception is SecurityTokenSignatureKeyNotFoundException)
        {
            // The issuer may have new keys.
            result = await Validate(idToken, await issuer.GetNewest(cancellationToken));
        }

        var problem = result.IsValid ? Problem((JsonWebToken)result.SecurityToken, nonce) : result.Exception.Message;
        if (problem is not null)
        {
            log.LogWarning("An id_token was refused: {Problem}", problem);
            return NotBelieved;
        }

        using var payload = JsonDocument.Parse(Base64UrlEncoder.DecodeBytes(((JsonWebToken)result.SecurityToken).EncodedPayload));
        return payload.RootElement.Clone();
    }

    private async Task<TokenValidationResult> Validate(string idToken, OpenIdConnectConfiguration configuration) =>
        await _handler.ValidateTokenAsync(idToken, new TokenValidationParameters
        {
            ValidIssuer = configuration.Issuer,
            ValidAudience = options.ClientId,
            IssuerSigningKeys = configuration.SigningKeys,
            // Only the key that the token names.
            TryAllIssuerSigningKeys = false,
            ValidAlgorithms = Asymmetric,
            RequireSignedTokens = true,
            RequireExpirationTime = true,
            ClockSkew = TimeSpan.FromMinutes(1),
        });

    private string? Problem(JsonWebToken token, string nonce) => token switch
    {
        _ when !string.Equals(Text(token, "nonce"), nonce, StringComparison.Ordinal) => "it is of another sign-in",
        _ when string.IsNullOrEmpty(token.Subject) => "it has no subject",
        _ when token.Subject.Length > 255 => "its subject is too long",
        _ when (token.Audiences.Skip(1).Any() || Text(token, "azp") is not null)
            && !string.Equals(Text(token, "azp"), options.ClientId, StringComparison.Ordinal) => "it was issued to another client",
        _ when token.TryGetHeaderValue<object>("crit", out _) => "it has an extension that nobody here understands",
        // Okta's have no type, an access token has another.
        _ when token.Typ is { Length: > 0 } type && !string.Equals(type, "JWT", StringComparison.OrdinalIgnoreCase) => $"its type is {type}",
        _ => null,
    };

    private static string? Text(JsonWebToken token, string claim) => token.TryGetPayloadValue<string>(claim, out var value) ? value : null;
}
