using Raktar.Application.Crates.Views;
using Raktar.Application.Log;
using Raktar.Application.Ports;
using Raktar.Domain.Crates;

namespace Raktar.Application.Crates.Files;

/// <summary>The crate files of versions that were deleted and cannot be restored any more.</summary>
public sealed class DeletedCrateFiles(GuardedCrates guarded, IEventStore events, IBlobStore blobs, TimeProvider time)
{
    // A restore that was decided in time is in the log a moment later, and clocks differ.
    private static readonly TimeSpan Grace = TimeSpan.FromHours(1);

    /// <summary>Removes those that are still there, and answers how many. Any number of processes may do so at once.</summary>
    public async Task<int> Sweep(CancellationToken cancellationToken)
    {
        var removed = 0;
        foreach (var crate in await guarded.All(cancellationToken))
        {
            var there = new List<BlobKey>();
            foreach (var key in Due(crate))
            {
                // Asked first: in a bucket with versions every removal leaves a mark, also of nothing.
                await using var blob = await blobs.Open(key, cancellationToken);
                if (blob is not null)
                {
                    there.Add(key);
                }
            }

            if (there.Count > 0)
            {
                // What is in memory may be old; nothing is removed on its word.
                foreach (var key in there.Intersect(Due(await Read(crate, cancellationToken))))
                {
                    await blobs.Remove(key, cancellationToken);
                    removed++;
                }
            }
        }

        return removed;
    }

    private IEnumerable<BlobKey> Due(Crate crate) => crate.Versions.Values
        .Where(version => version.RestorableUntil + Grace < time.GetUtcNow())
        .Select(version => BlobKey.CrateFile(crate.Name!, version.Version, version.Checksum));

    private async Task<Crate> Read(Crate crate, CancellationToken cancellationToken) =>
        await events.ReadOutline(StreamName.Of(crate.Name!), 0, cancellationToken)
            .AggregateAsync(Crate.Unpublished, (state, recorded) => recorded.Commit.Events.Cast<CrateEvent>().Aggregate(state, (s, e) => s.Evolve(e)), cancellationToken);
}
