using System.Text;
using MediatR;
using Raktar.Application.Log;
using Raktar.Application.Ports;
using Raktar.Application.State;
using Raktar.Domain;
using Raktar.Domain.Accounts;
using Raktar.Domain.Crates;

namespace Raktar.Application.Proofs;

/// <summary>A proof that a version was published as it is, for <paramref name="By"/> (null: somebody unknown).</summary>
public sealed record GetProof(CrateName Crate, SemVersion Version, Requester? By) : IRequest<Outcome<VersionProof>>;

/// <summary>The version is in no checkpoint yet.</summary>
public sealed record NotCheckpointed(SemVersion Version, int Last) : Refusal(
    RefusalKind.Conflict,
    $"version `{Version}` is newer than {(Last == 0 ? "any checkpoint" : $"checkpoint {Last}, the last")}: wait for the next one, or let an administrator `POST /api/v1/audit/checkpoints`");

internal sealed class GetProofHandler(IEventStore events, NewestCheckpoint newest, Streams<Crate> crates) : IRequestHandler<GetProof, Outcome<VersionProof>>
{
    public async Task<Outcome<VersionProof>> Handle(GetProof query, CancellationToken cancellationToken)
    {
        var (name, version, by) = query;
        var (crate, _) = await crates.Load(StreamName.Of(name), cancellationToken);
        if (Refuse(crate, name, version, by) is { } refusal)
        {
            return refusal;
        }

        var (stream, hashes) = (StreamName.Of(name), new List<Checksum>());
        var (bytes, index) = (ReadOnlyMemory<byte>.Empty, -1);
        // Most commits need not be decoded: one that publishes the version has its text in it.
        var text = Encoding.UTF8.GetBytes(version.ToString().Split('+')[0]);
        await foreach (var stored in events.ReadStored(stream, 0, cancellationToken))
        {
            if (index < 0 && stored.Body.Span.IndexOf(text) >= 0
                && EventCodec.Decode(stored).Commit.Events.OfType<VersionPublished>().Any(published => published.Version == version))
            {
                (bytes, index) = (stored.Body, hashes.Count);
            }

            hashes.Add(stored.Hash);
        }

        if (index < 0)
        {
            return new NoSuchVersion(name.Text, version.ToString());
        }

        var checkpoint = await newest.Get(Reaches, cancellationToken);
        return checkpoint is not null && Reaches(checkpoint)
            ? VersionProof.Of(checkpoint, bytes, index, hashes)
            : new NotCheckpointed(version, checkpoint?.Statement.Number ?? 0);

        bool Reaches(CheckpointTree tree) => tree.Find(stream) is (var leaf, _) && leaf.Commits > index;
    }

    /// <summary>
    /// The log keeps the metadata of deleted versions for those who read the audit: administrators, and the crate's owners. For everybody else a deleted
    /// version was never there.
    /// </summary>
    private static Refusal? Refuse(Crate crate, CrateName name, SemVersion version, Requester? by)
    {
        var readsAudit = by is not null && (by.IsAdmin || crate.IsOwnedBy(by));
        return crate.Name is null || !crate.IsVisibleTo(by) || (crate.IsGone && !readsAudit) ? new NoSuchCrate(name.Text)
            : crate.Versions.TryGetValue(version, out var found) && (readsAudit || !found.IsDeleted) ? null
            : new NoSuchVersion(name.Text, version.ToString());
    }
}
