using Raktar.Domain;
using Raktar.Domain.Crates;

namespace Raktar.Application.Upstreams;

/// <summary>The upstream said that it has no such crate.</summary>
public sealed record NoSuchUpstreamCrate(CrateName Crate, string Upstream)
    : Refusal(RefusalKind.NotFound, $"`{Upstream}` has no crate `{Crate}`");

/// <summary>The upstream's index lists no such version.</summary>
public sealed record NoSuchUpstreamVersion(CrateName Crate, SemVersion Version, string Upstream)
    : Refusal(RefusalKind.NotFound, $"`{Upstream}` has no version `{Version}` of crate `{Crate}` with this checksum");

/// <summary>It was not fetched while the upstream was asked.</summary>
public sealed record NeverFetched(CrateName Crate, string Upstream)
    : Refusal(RefusalKind.NotFound, $"`{Crate}` was not fetched from `{Upstream}` before it was switched off here (Offline)");

/// <summary>A name of the house, of which an upstream must not hear.</summary>
public sealed record InternalName(CrateName Crate, string Upstream)
    : Refusal(RefusalKind.NotFound, $"`{Crate}` is an internal name here: `{Upstream}` is never asked for it");
