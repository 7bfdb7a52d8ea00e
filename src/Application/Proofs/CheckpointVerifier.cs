using Raktar.Application.Log;
using Raktar.Application.Ports;
using Raktar.Application.Proofs.Merkle;
using Raktar.Application.State;
using Raktar.Domain;
using Raktar.Domain.Registry;

namespace Raktar.Application.Proofs;

/// <summary>
/// Checks the checkpoints themselves, and gathers what they say of each stream for whoever walks the log. Every signed file counts, whether or not the log
/// knows of it. Trusted are <paramref name="keys"/> (public keys as in statements); without any, the key of the log's first checkpoint.
/// <paramref name="kept"/> is a statement, or a whole file, that somebody kept elsewhere.
/// </summary>
public sealed class CheckpointVerifier(IEventStore events, IBlobStore blobs, IReadOnlyCollection<string> keys, CheckpointFile? kept = null)
{
    private readonly Dictionary<StreamName, List<SignedLeaf>> _leaves = [];

    // The statements whose leaves were gathered.
    private readonly HashSet<Checksum> _gathered = [];

    // Files of checkpoints that the log does not have, not yet.
    private readonly List<(BlobKey Key, CheckpointStatement Statement)> _later = [];
    private IReadOnlyCollection<string> _trusted = keys;

    /// <summary>The streams of which checkpoints say something.</summary>
    public IEnumerable<StreamName> Streams => _leaves.Keys;

    /// <summary>What they say of a stream, in ascending order.</summary>
    public IReadOnlyList<SignedLeaf> LeavesOf(StreamName stream) =>
        _leaves.TryGetValue(stream, out var leaves) ? [.. leaves.OrderBy(each => each.Leaf.Commits)] : [];

    /// <summary>A finding per checkpoint of the log and per file. To be read first.</summary>
    public async IAsyncEnumerable<Finding> Read([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // The files first: what is made meanwhile is in the log then.
        var unknown = await blobs.Checkpoints(cancellationToken).ToDictionaryAsync(key => key.Path, StringComparer.Ordinal, cancellationToken: cancellationToken);
        var log = await Made(cancellationToken);
        if (_trusted.Count == 0 && log.Count > 0)
        {
            _trusted = [log[0].Key];
        }

        CheckpointStatement? last = null;
        foreach (var made in log)
        {
            var statement = CheckpointStatement.Of(made);
            yield return new($"checkpoint {made.Number}", Break(last, statement) ?? Distrust(statement));
            var key = BlobKey.Checkpoint(made.Number, made.File);
            unknown.Remove(key.Path);
            var (file, problem) = await CheckpointFile.Open(blobs, key, cancellationToken);
            yield return new(key.Path, problem ?? (file!.Statement == statement ? null : $"its statement is not that of checkpoint {made.Number} in the log"));
            Gather(file, problem);
            last = statement;
        }

        foreach (var key in unknown.Values)
        {
            var (file, problem) = await CheckpointFile.Open(blobs, key, cancellationToken);
            problem ??= Distrust(file!.Statement);
            if (problem is null && file!.Statement.Number > (last?.Number ?? 0))
            {
                _later.Add((key, file.Statement));
            }

            yield return new(key.Path, problem);
            Gather(file, problem);
        }

        if (kept is not null)
        {
            yield return new($"the kept checkpoint {kept.Statement.Number}", Problem(kept, log));
        }
    }

    /// <summary>A finding per file whose checkpoint the log still does not have. To be read last.</summary>
    public async IAsyncEnumerable<Finding> ReadAgain([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (_later.Count == 0)
        {
            yield break;
        }

        var last = (await Made(cancellationToken)).LastOrDefault()?.Number ?? 0;
        foreach (var (key, statement) in _later.Where(each => each.Statement.Number > last))
        {
            yield return new(
                key.Path,
                $"the log has no checkpoint {statement.Number}: it was removed, or the registry stopped while it made it; then the next one takes its number");
        }
    }

    private static string? Break(CheckpointStatement? last, CheckpointStatement statement) =>
        statement.Number != (last?.Number ?? 0) + 1 ? $"checkpoint {(last?.Number ?? 0) + 1} is missing before it"
        : statement.Previous != (last?.Hash ?? Checksum.Zero) ? "it does not continue the checkpoint before it"
        : null;

    private string? Distrust(CheckpointStatement statement) =>
        !statement.IsSigned() ? "its signature is not its key's"
        : !_trusted.Contains(statement.Key, StringComparer.Ordinal) ? $"it is signed with another key, {statement.Fingerprint}"
        : null;

    private string? Problem(CheckpointFile file, List<CheckpointMade> log)
    {
        var statement = file.Statement;
        if (Distrust(statement) is { } distrust)
        {
            return distrust;
        }

        var problem = file.Leaves.Count == 0 ? null : file.Contradiction();
        if (problem is null && file.Leaves.Count > 0)
        {
            Gather(file, problem);
        }

        return problem ?? (!log.Exists(made => CheckpointStatement.Of(made).Hash == statement.Hash)
                ? log.Exists(made => made.Number == statement.Number) ? "the log's checkpoint of that number says something else" : "the log does not have it"
            : statement.Streams > 0 && !_gathered.Contains(statement.Hash) ? "no file with its leaves is there, so it cannot be compared"
            : null);
    }

    private void Gather(CheckpointFile? file, string? problem)
    {
        if (file is null || problem is not null || Distrust(file.Statement) is not null || !_gathered.Add(file.Statement.Hash))
        {
            return;
        }

        foreach (var leaf in file.Leaves)
        {
            if (!_leaves.TryGetValue(leaf.Stream, out var leaves))
            {
                _leaves[leaf.Stream] = leaves = [];
            }

            // Most streams do not move between two checkpoints.
            if (leaves.Count == 0 || leaves[^1].Leaf != leaf)
            {
                leaves.Add(new($"checkpoint {file.Statement.Number}", leaf));
            }
        }
    }

    private async Task<List<CheckpointMade>> Made(CancellationToken cancellationToken)
    {
        var made = new List<CheckpointMade>();
        await foreach (var stored in events.ReadStored(StreamName.Checkpoints, 0, cancellationToken))
        {
            try
            {
                made.AddRange(EventCodec.Decode(stored).Commit.Events.OfType<CheckpointMade>());
            }
            catch (CorruptCommitException)
            {
                // The walk over the log names it.
            }
        }

        return made;
    }
}
