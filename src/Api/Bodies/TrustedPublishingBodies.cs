using System.Text.Json.Serialization;

namespace Raktar.Api.Bodies;

internal sealed record IdentityTokenRequest(string? Jwt);

internal sealed record CiTokenBody(string Token);

/// <summary>Unknown fields are refused here: what was meant to narrow a rule must not be ignored.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record TrustedPublisherRequest(string? Issuer, IReadOnlyDictionary<string, string>? Claims);

internal sealed record TrustedPublisherBody(int Id, string Issuer, IReadOnlyDictionary<string, string> Claims);

internal sealed record TrustedPublishersBody(IReadOnlyList<TrustedPublisherBody> TrustedPublishers, bool TrustedOnly);

[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record TrustedOnlyRequest(bool? TrustedOnly);
