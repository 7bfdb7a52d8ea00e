namespace Raktar.Application.TrustedPublishing;

/// <summary>Whose identity tokens this registry exchanges (<c>Raktar:TrustedPublishing:*</c>); without issuers nobody's.</summary>
public sealed record TrustedPublishingPolicy
{
    /// <summary>The issuers of continuous integrations.</summary>
    public IReadOnlyList<TrustedIssuer> Issuers { get; init; } = [];

    /// <summary>What identity tokens must name as their one audience; unset, the registry's URL without scheme and slash at the end.</summary>
    public string Audience { get; init; } = string.Empty;

    /// <summary>Whether it exchanges any.</summary>
    public bool IsEnabled => Issuers.Count > 0;

    /// <summary>Whether an issuer is one of them, to the letter.</summary>
    public bool Knows(string? issuer) => Issuers.Any(known => string.Equals(known.Url, issuer, StringComparison.Ordinal));
}

/// <summary>An issuer of identity tokens.</summary>
public sealed record TrustedIssuer
{
    /// <summary>Its URL, exactly as it calls itself.</summary>
    public string Url { get; init; } = string.Empty;
}
