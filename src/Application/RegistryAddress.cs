namespace Raktar.Application;

/// <summary>Where this registry is (its index URL as cargo writes it into manifests, <c>sparse+https://.../</c>) and whether reading it needs no token.</summary>
public sealed record RegistryAddress(string IndexUrl, bool IsPublic);
