using Raktar.Domain.Accounts;

namespace Raktar.Domain.Crates;

/// <summary>Facts about one crate, in its stream, kept for ever.</summary>
public abstract record CrateEvent : DomainEvent
{
    private protected CrateEvent()
    {
    }
}

/// <summary>The name was taken, in this spelling, by its first owner.</summary>
public sealed record CrateCreated(CrateName Name, Login Owner) : CrateEvent;

/// <summary>A version came to be; its crate file (<paramref name="Size"/> bytes) is stored under <paramref name="Checksum"/>.</summary>
public sealed record VersionPublished(SemVersion Version, Checksum Checksum, long Size, Login Publisher, Package Package) : CrateEvent;

/// <summary>New resolutions must not pick the version any more; lock files still may.</summary>
public sealed record VersionYanked(SemVersion Version, string? Reason) : CrateEvent;

/// <summary>The version may be picked again.</summary>
public sealed record VersionUnyanked(SemVersion Version) : CrateEvent;

/// <summary>An account may publish, yank and change owners from now on.</summary>
public sealed record OwnerAdded(Login Owner) : CrateEvent;

/// <summary>An account may no longer.</summary>
public sealed record OwnerRemoved(Login Owner) : CrateEvent;
