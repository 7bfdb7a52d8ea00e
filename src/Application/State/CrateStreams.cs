using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Raktar.Application.Log;
using Raktar.Application.TrustedPublishing;
using Raktar.Domain;
using Raktar.Domain.Accounts;
using Raktar.Domain.Crates;

namespace Raktar.Application.State;

/// <summary>Crate streams, and the <c>crate-state</c> documents that spare reading long ones from the start.</summary>
public sealed record CrateStreams() : StreamState<Crate>(Kind, Crate.Unpublished, StateJson.Default.SnapshotCrate)
{
    /// <summary>The kind of the documents.</summary>
    public const string Kind = "crate-state";

    /// <inheritdoc/>
    public override Crate Evolve(Crate state, DomainEvent fact) => state.Evolve((CrateEvent)fact);

    /// <inheritdoc/>
    public override Crate Evolve(Crate state, RecordedCommit recorded) => recorded.Commit.Events.OfType<VersionPublished>()
        .Aggregate(base.Evolve(state, recorded), (crate, published) => crate.Weigh(published.Version, recorded.Bytes));

    /// <inheritdoc/>
    public override bool TakesAway(IReadOnlyCollection<DomainEvent> facts) =>
        facts.Count == 0 || facts.Any(fact => fact is VisibilityChanged or VersionDeleted or OwnerRemoved or TrustedPublisherRemoved);
}

/// <summary>A <see cref="Crate"/> as stored: lists, versions in SemVer order, so that equal crates have equal bytes.</summary>
internal sealed record StoredCrate(
    CrateName? Name,
    ValueList<Owner> Owners,
    ValueList<PublishedVersion> Versions,
    bool Restricted,
    ValueList<TeamName> Readers,
    ValueList<TrustedPublisher> TrustedPublishers,
    int LastTrustedPublisher,
    bool TrustedOnly,
    bool Guarded,
    Deprecation? Deprecation = null);

internal sealed class CrateJson : JsonConverter<Crate>
{
    public override Crate Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var stored = JsonSerializer.Deserialize(ref reader, StateJson.Default.StoredCrate)!;
        return new()
        {
            Name = stored.Name,
            Owners = [.. stored.Owners],
            Versions = stored.Versions.ToImmutableDictionary(v => v.Version),
            IsRestricted = stored.Restricted,
            Readers = stored.Readers,
            TrustedPublishers = stored.TrustedPublishers.ToImmutableSortedDictionary(p => p.Id, p => p),
            LastTrustedPublisher = stored.LastTrustedPublisher,
            IsTrustedOnly = stored.TrustedOnly,
            IsGuarded = stored.Guarded,
            Deprecation = stored.Deprecation,
        };
    }

    public override void Write(Utf8JsonWriter writer, Crate value, JsonSerializerOptions options)
    {
        var stored = new StoredCrate(
            value.Name,
            value.Owners.ToValueList(),
            value.Versions.Values.OrderBy(v => v.Version).ToValueList(),
            value.IsRestricted,
            value.Readers,
            value.TrustedPublishers.Values.ToValueList(),
            value.LastTrustedPublisher,
            value.IsTrustedOnly,
            value.IsGuarded,
            value.Deprecation);
        JsonSerializer.Serialize(writer, stored, StateJson.Default.StoredCrate);
    }
}
