using MediatR;
using Raktar.Application.Callers;
using Raktar.Application.Log;
using Raktar.Application.Ports;
using Raktar.Domain;
using Raktar.Domain.Registry;

namespace Raktar.Application.Proofs;

/// <summary>Makes a checkpoint now. Answers null when it was only asked for, because the key is out of this process's reach, and is not there yet.</summary>
public sealed record MakeCheckpoint(Caller By) : IRequest<Outcome<MadeCheckpoint?>>, INeeds
{
    /// <inheritdoc/>
    public Need Need => Need.Admin(By);
}

/// <summary>The checkpoints, the newest first: at most <paramref name="Count"/>, those before number <paramref name="Before"/> (null: all).</summary>
public sealed record ListCheckpoints(Caller By, int? Before, int Count) : IRequest<Outcome<ValueList<CheckpointMade>>>, INeeds
{
    /// <inheritdoc/>
    public Need Need => Need.Admin(By);
}

/// <summary>One checkpoint; null: the newest.</summary>
public sealed record GetCheckpoint(int? Number) : IRequest<Outcome<CheckpointStatement>>, INeeds
{
    /// <inheritdoc/>
    public Need Need => Need.Nothing;
}

/// <summary>A checkpoint that is not there.</summary>
public sealed record NoSuchCheckpoint(string Number) : Refusal(RefusalKind.NotFound, $"checkpoint `{Number}` does not exist");

/// <summary>There is none yet.</summary>
public sealed record NoCheckpointYet() : Refusal(RefusalKind.NotFound, "no checkpoint was made yet");

internal sealed class MakeCheckpointHandler(IEventStore events, TimeProvider time, CheckpointMaker? maker = null)
    : IRequestHandler<MakeCheckpoint, Outcome<MadeCheckpoint?>>
{
    // Under the half minute after which a gateway gives up; most of it is a function's start.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    public async Task<Outcome<MadeCheckpoint?>> Handle(MakeCheckpoint command, CancellationToken cancellationToken) =>
        maker is null ? await Ask(command.By, cancellationToken) : await maker.Make(command.By, always: true, cancellationToken);

    private async Task<MadeCheckpoint?> Ask(Caller by, CancellationToken cancellationToken)
    {
        var before = await CheckpointHistory.Read(events, cancellationToken);
        try
        {
            await events.Append(NewCommit.After(before.Head, [new CheckpointRequested()], by.Stamp(time.GetUtcNow())), CancellationToken.None);
        }
        catch (StreamMovedException)
        {
            // One was made, or asked for, this very moment.
        }

        for (var start = time.GetTimestamp(); time.GetElapsedTime(start) < Patience;)
        {
            await Task.Delay(Pause, time, cancellationToken);
            var now = await CheckpointHistory.Read(events, cancellationToken);
            if (now.Last is { } last && last.Number != before.Last?.Number)
            {
                return new(last, null);
            }
        }

        return null;
    }
}

internal sealed class ListCheckpointsHandler(IEventStore events) : IRequestHandler<ListCheckpoints, Outcome<ValueList<CheckpointMade>>>
{
    public async Task<Outcome<ValueList<CheckpointMade>>> Handle(ListCheckpoints query, CancellationToken cancellationToken)
    {
        var history = await CheckpointHistory.Read(events, cancellationToken);
        return history.Made.Reverse().Where(made => query.Before is null || made.Number < query.Before).Take(query.Count).ToValueList();
    }
}

internal sealed class GetCheckpointHandler(IEventStore events) : IRequestHandler<GetCheckpoint, Outcome<CheckpointStatement>>
{
    public async Task<Outcome<CheckpointStatement>> Handle(GetCheckpoint query, CancellationToken cancellationToken)
    {
        var history = await CheckpointHistory.Read(events, cancellationToken);
        var found = query.Number is null ? history.Last : history.Made.FirstOrDefault(made => made.Number == query.Number);
        return found is not null ? CheckpointStatement.Of(found)
            : query.Number is { } number ? new NoSuchCheckpoint(number.ToString(System.Globalization.CultureInfo.InvariantCulture))
            : new NoCheckpointYet();
    }
}
