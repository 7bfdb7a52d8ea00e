using Raktar.Application.Log;
using Raktar.Application.Ports;
using Raktar.Application.Proofs.Merkle;
using Raktar.Domain.Registry;

namespace Raktar.Application.Proofs;

/// <summary>A checkpoint with its leaves, ready to prove with.</summary>
public sealed class CheckpointTree(CheckpointFile file)
{
    private readonly Dictionary<StreamName, int> _places = file.Leaves.Select((leaf, i) => (leaf, i)).ToDictionary(each => each.leaf.Stream, each => each.i);
    private readonly MerkleTree _tree = new(file.Leaves.Select(leaf => leaf.Hash));

    /// <summary>What was signed.</summary>
    public CheckpointStatement Statement => file.Statement;

    /// <summary>What it says of a stream, and its place among the leaves; null: nothing.</summary>
    public (StreamLeaf Leaf, int Place)? Find(StreamName stream) => _places.TryGetValue(stream, out var place) ? (file.Leaves[place], place) : null;

    /// <summary>From a leaf to the root.</summary>
    public IReadOnlyList<Domain.Checksum> Path(int place) => _tree.Path(place);
}

/// <summary>The newest checkpoint, kept in memory: a proof under one that is a little older is as good, so a newer one is only looked for when that does not reach.</summary>
public sealed class NewestCheckpoint(IEventStore events, IBlobStore blobs) : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1);
    private volatile CheckpointTree? _tree;

    /// <summary>A checkpoint of which <paramref name="reaches"/> is true; else the newest, or null when there is none.</summary>
    public async ValueTask<CheckpointTree?> Get(Func<CheckpointTree, bool> reaches, CancellationToken cancellationToken)
    {
        if (_tree is { } known && reaches(known))
        {
            return known;
        }

        await _turn.WaitAsync(cancellationToken);
        try
        {
            var last = (await CheckpointHistory.Read(events, cancellationToken)).Last;
            if (last is not null && last.Number != _tree?.Statement.Number)
            {
                _tree = await Load(last, cancellationToken);
            }

            return _tree;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _turn.Dispose();

    private async Task<CheckpointTree> Load(CheckpointMade made, CancellationToken cancellationToken)
    {
        var (file, problem) = await CheckpointFile.Open(blobs, BlobKey.Checkpoint(made.Number, made.File), cancellationToken);
        return problem is null ? new(file!) : throw new InvalidDataException($"checkpoint {made.Number}: {problem}; see `raktar verify`");
    }
}
