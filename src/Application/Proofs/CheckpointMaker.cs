using System.Text;
using Raktar.Application.Callers;
using Raktar.Application.Log;
using Raktar.Application.Ports;
using Raktar.Application.Proofs.Merkle;
using Raktar.Application.State;
using Raktar.Domain;
using Raktar.Domain.Registry;

namespace Raktar.Application.Proofs;

/// <summary>A checkpoint, and what in the log contradicts the one before it (null: nothing). <c>raktar verify</c> names all that does.</summary>
public sealed record MadeCheckpoint(CheckpointMade Checkpoint, string? Contradiction);

/// <summary>Sums up all streams, signs that, keeps it as a blob, then says so in the log. Any number of processes may do so at once.</summary>
public sealed class CheckpointMaker(IEventStore events, IBlobStore blobs, ISigningKey key, TimeProvider time)
{
    // A rival made one meanwhile: its leaves are not ours, so all is done again.
    private const int Attempts = 5;

    /// <summary>
    /// Makes a checkpoint as <paramref name="by"/>. Unless <paramref name="always"/>, none when nobody asked for one and nothing moved since the last: null.
    /// </summary>
    public async Task<MadeCheckpoint?> Make(Caller by, bool always, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var history = await CheckpointHistory.Read(events, cancellationToken);
            var commits = await events.Hashes(null, cancellationToken).ToListAsync(cancellationToken);
            var leaves = CheckpointFile.Leaf(commits);
            var root = new MerkleTree(leaves.Select(leaf => leaf.Hash)).Root;
            if (!always && !history.IsRequested && history.Last?.Root == root)
            {
                return null;
            }

            var contradiction = await Contradiction(history.Last, commits, cancellationToken);
            var now = time.GetUtcNow();
            var unsigned = new CheckpointStatement(
                (history.Last?.Number ?? 0) + 1,
                now > history.Head.At ? now : history.Head.At,
                leaves.Count,
                leaves.Sum(leaf => leaf.Commits),
                root,
                history.Last is { } last ? CheckpointStatement.Of(last).Hash : Checksum.Zero,
                CheckpointStatement.KeyText(await key.PublicKey(cancellationToken)),
                string.Empty);
            var signature = await key.Sign(Encoding.UTF8.GetBytes(unsigned.SignedText), cancellationToken);
            var statement = unsigned with { Signature = Convert.ToBase64String(signature) };
            var file = new CheckpointFile(statement, leaves).ToBytes();
            var made = new CheckpointMade(
                statement.Number, statement.At, statement.Streams, statement.Commits, root, statement.Previous, statement.Key, statement.Signature, Checksum.Of(file));
            await Keep(BlobKey.Checkpoint(made.Number, made.File), file, cancellationToken);
            try
            {
                await events.Append(NewCommit.After(history.Head, [made], by.Stamp(statement.At)), CancellationToken.None);
                return new(made, contradiction);
            }
            catch (StreamMovedException e)
            {
                // The file stays, and is as true as any: verification takes one whose number the log gave to another.
                if (attempt == Attempts)
                {
                    throw new StoreUnavailableException("events", e);
                }
            }
        }
    }

    private async Task Keep(BlobKey place, byte[] file, CancellationToken cancellationToken)
    {
        await using var staged = await blobs.Stage(cancellationToken);
        await staged.Write(file, cancellationToken);
        await staged.Keep(place, cancellationToken);
    }

    private async Task<string?> Contradiction(CheckpointMade? last, List<CommitHash> commits, CancellationToken cancellationToken)
    {
        // A missing file is verification's to name, not a reason to make no more.
        if (last is null || await CheckpointFile.Open(blobs, BlobKey.Checkpoint(last.Number, last.File), cancellationToken) is not ({ } file, _))
        {
            return null;
        }

        var streams = commits.GroupBy(commit => commit.Stream).ToDictionary(stream => stream.Key, stream => stream.OrderBy(commit => commit.FirstVersion));
        var found = file.Leaves
            .Select(leaf => (leaf.Stream, Problem: SignedLeaf.FirstContradiction(
                (streams.GetValueOrDefault(leaf.Stream)?.AsEnumerable() ?? []).Select(commit => (commit.LastVersion, commit.Hash)),
                [new($"checkpoint {last.Number}", leaf)])))
            .Where(each => each.Problem is not null)
            .ToList();
        return found.Count == 0 ? null : $"{found[0].Stream}: {found[0].Problem}{(found.Count == 1 ? string.Empty : $" (and {found.Count - 1} more)")}";
    }
}
