using Raktar.Application.Log;
using Raktar.Application.Ports;
using Raktar.Domain;
using Raktar.Domain.Registry;

namespace Raktar.Application.Proofs;

/// <summary>The stream of checkpoints: those that were made, in order, and whether somebody asked for one since.</summary>
public sealed record CheckpointHistory(ValueList<CheckpointMade> Made, bool IsRequested, StreamHead Head)
{
    /// <summary>The newest, or null.</summary>
    public CheckpointMade? Last => Made.Count == 0 ? null : Made[^1];

    /// <summary>Reads it. It is short, a commit a day, so nothing remembers it.</summary>
    public static async Task<CheckpointHistory> Read(IStreamReader events, CancellationToken cancellationToken)
    {
        var (made, requested, head) = (new List<CheckpointMade>(), false, StreamHead.Start(StreamName.Checkpoints));
        await foreach (var recorded in events.Read(StreamName.Checkpoints, 0, cancellationToken))
        {
            made.AddRange(recorded.Commit.Events.OfType<CheckpointMade>());
            requested = recorded.Commit.Events[^1] is CheckpointRequested;
            head = recorded.Head;
        }

        return new(made.ToValueList(), requested, head);
    }
}
