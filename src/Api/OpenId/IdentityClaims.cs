using System.Security.Claims;
using System.Text.Json;
using Raktar.Api.Settings;
using Raktar.Domain;

namespace Raktar.Api.OpenId;

/// <summary>What the issuer says of somebody who signs in, in the claims that the settings name.</summary>
internal sealed class IdentityClaims(JsonElement claims, OidcOptions options)
{
    /// <summary>The person at the issuer (<c>sub</c>); it never changes.</summary>
    public string Subject => Text("sub")!;

    /// <summary>Whether nothing is missing that is needed to decide.</summary>
    public bool AreComplete => Login is not null && claims.TryGetProperty(options.GroupsClaim, out _);

    /// <summary>What becomes the login of somebody new.</summary>
    public string? Login => options.LoginClaim is { Length: > 0 } claim ? Text(claim) : Text("preferred_username") ?? Email;

    // Only who may read an address may be known by it. Issuers that do not say have checked it, or made it.
    private string? Email => claims.TryGetProperty("email_verified", out var verified) && verified.ToString() is not ("True" or "true") ? null : Text("email");

    private IEnumerable<string> Groups => !claims.TryGetProperty(options.GroupsClaim, out var groups) ? [] : groups.ValueKind switch
    {
        JsonValueKind.Array => groups.EnumerateArray().Select(group => group.ToString()),
        JsonValueKind.String => [groups.GetString()!],
        _ => [],
    };

    /// <summary>These, and what is only in <paramref name="more"/>.</summary>
    public IdentityClaims With(JsonElement more)
    {
        var all = more.EnumerateObject().Concat(claims.EnumerateObject()).GroupBy(claim => claim.Name, StringComparer.Ordinal)
            .ToDictionary(claim => claim.Key, claim => claim.Last().Value, StringComparer.Ordinal);
        return new(JsonSerializer.SerializeToElement(all), options);
    }

    /// <summary>As the framework hands them on. Claims that cannot be decided by are a <see cref="SignInException"/>.</summary>
    public ClaimsIdentity ToIdentity()
    {
        // Entra leaves the groups out when there are more than 200, and says where to ask: https://learn.microsoft.com/entra/identity-platform/id-token-claims-reference
        if (claims.TryGetProperty("hasgroups", out _)
            || (claims.TryGetProperty("_claim_names", out var elsewhere) && elsewhere.ValueKind == JsonValueKind.Object && elsewhere.TryGetProperty(options.GroupsClaim, out _)))
        {
            throw new SignInException(new NotAllowed("the identity provider does not list your groups because they are too many: it must be told to send only those of this application"));
        }

        if (Login is not { } login)
        {
            throw new SignInException(new NotAllowed($"the identity provider does not say your `{options.LoginClaim ?? "preferred_username"}`"));
        }

        var identity = new ClaimsIdentity([new("iss", Text("iss")!), new("sub", Subject), new("login", login)]);
        identity.AddClaims(Groups.Select(group => new Claim("group", group)));
        if (Text(options.NameClaim) is { } name)
        {
            identity.AddClaim(new("name", name));
        }

        return identity;
    }

    private string? Text(string claim) =>
        claims.TryGetProperty(claim, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text ? text : null;
}
