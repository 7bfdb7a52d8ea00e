using System.Security.Cryptography;
using System.Threading.Channels;
using Raktar.Application.Log;
using Raktar.Application.Ports;
using Raktar.Application.Proofs.Merkle;
using Raktar.Application.State;
using Raktar.Domain;
using Raktar.Domain.Crates;

namespace Raktar.Application.Proofs;

/// <summary>One thing that verification looked at: where, and what is wrong with it (null: nothing).</summary>
public sealed record Finding(string Subject, string? Problem);

/// <summary>
/// Walks the whole log: every commit's bytes must match its hash, every stream be one unbroken chain whose time never runs back and all that was signed of
/// it, and every published version's crate file be there with its checksum, unless it was deleted and its time is over.
/// </summary>
public sealed class LogVerifier(IEventStore events, IBlobStore blobs, CheckpointVerifier checkpoints, TimeProvider time)
{
    private const int Ahead = 1000;

    /// <summary>
    /// A finding per checkpoint, commit and blob, good or bad; those of one stream in its order, <paramref name="parallel"/> streams at a time.
    /// </summary>
    public IAsyncEnumerable<Finding> Verify(int parallel, CancellationToken cancellationToken)
    {
        var findings = Channel.CreateBounded<Finding>(Ahead);
        _ = Task.Run(
            async () =>
            {
                var options = new ParallelOptions { MaxDegreeOfParallelism = parallel, CancellationToken = cancellationToken };
                try
                {
                    await Write(checkpoints.Read(cancellationToken), findings.Writer, cancellationToken);
                    // A stream that is gone has leaves all the same.
                    var streams = checkpoints.Streams.ToHashSet();
                    streams.UnionWith(await events.Streams(cancellationToken).ToListAsync(cancellationToken));
                    await Parallel.ForEachAsync(streams, options, async (stream, stop) => await Verify(stream, findings.Writer, stop));
                    await Write(checkpoints.ReadAgain(cancellationToken), findings.Writer, cancellationToken);
                    findings.Writer.Complete();
                }
                catch (Exception e)
                {
                    findings.Writer.Complete(e);
                }
            },
            CancellationToken.None);
        return findings.Reader.ReadAllAsync(cancellationToken);
    }

    private static async Task Write(IAsyncEnumerable<Finding> found, ChannelWriter<Finding> findings, CancellationToken cancellationToken)
    {
        await foreach (var finding in found)
        {
            await findings.WriteAsync(finding, cancellationToken);
        }
    }

    private static string? Break(StreamHead head, Commit commit) => commit switch
    {
        _ when commit.FirstVersion != head.Version + 1 => $"version {head.Version + 1} is missing before it",
        _ when commit.PreviousHash != head.Hash => "it does not continue the commit before it",
        _ when commit.At < head.At => "it is older than the commit before it",
        _ => null,
    };

    private async Task Verify(StreamName stream, ChannelWriter<Finding> findings, CancellationToken cancellationToken)
    {
        var head = StreamHead.Start(stream);
        var commits = new List<(long LastVersion, Checksum Hash)>();
        var published = new List<VersionPublished>();
        var deleted = new Dictionary<SemVersion, DateTimeOffset>();
        await foreach (var stored in events.ReadStored(stream, 0, cancellationToken))
        {
            RecordedCommit? recorded = null;
            string? problem;
            try
            {
                recorded = EventCodec.Decode(stored);
                problem = Break(head, recorded.Commit);
            }
            catch (CorruptCommitException e)
            {
                problem = e.Message;
            }

            await findings.WriteAsync(new($"{stored.Stream}@{stored.FirstVersion}", problem), cancellationToken);

            // Go on from what is there, so that one break is reported once.
            head = recorded?.Head ?? head with { Version = stored.FirstVersion, Hash = stored.Hash };
            commits.Add((head.Version, Checksum.Of(stored.Body.Span)));
            foreach (var fact in recorded?.Commit.Events ?? [])
            {
                switch (fact)
                {
                    case VersionPublished e when stream.Kind == StreamName.CrateKind:
                        published.Add(e);
                        break;
                    case VersionDeleted e:
                        deleted[e.Version] = e.RestorableUntil;
                        break;
                    case VersionRestored e:
                        deleted.Remove(e.Version);
                        break;
                }
            }
        }

        if (SignedLeaf.FirstContradiction(commits, checkpoints.LeavesOf(stream)) is { } contradiction)
        {
            await findings.WriteAsync(new(stream.ToString(), contradiction), cancellationToken);
        }

        foreach (var each in published)
        {
            var mayBeGone = deleted.TryGetValue(each.Version, out var until) && until < time.GetUtcNow();
            await findings.WriteAsync(
                await CheckBlob(BlobKey.CrateFile(CrateName.Parse(stream.Key), each.Version, each.Checksum), mayBeGone, cancellationToken), cancellationToken);
            if (each.Package.Readme is { } readme)
            {
                await findings.WriteAsync(await CheckBlob(BlobKey.Readme(readme.Checksum), mayBeGone: false, cancellationToken), cancellationToken);
            }
        }
    }

    private async Task<Finding> CheckBlob(BlobKey key, bool mayBeGone, CancellationToken cancellationToken)
    {
        await using var blob = await blobs.Open(key, cancellationToken);
        if (blob is null)
        {
            return new(key.Path, mayBeGone ? null : "the blob is missing");
        }

        var hash = Checksum.FromHash(await SHA256.HashDataAsync(blob, cancellationToken));
        return new(key.Path, hash == key.Checksum ? null : $"the blob's bytes hash to {hash}");
    }
}
