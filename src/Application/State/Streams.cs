using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Raktar.Application.Callers;
using Raktar.Application.Crates.Changes;
using Raktar.Application.Log;
using Raktar.Application.Ports;
using Raktar.Domain;

namespace Raktar.Application.State;

/// <summary>A kind of stream: how its state starts and evolves, and how a snapshot of it is stored.</summary>
public abstract record StreamState<TState>(string DocumentKind, TState Start, JsonTypeInfo<Snapshot<TState>> Json)
{
    /// <summary>The state after one fact.</summary>
    public abstract TState Evolve(TState state, DomainEvent fact);

    /// <summary>The state after one commit.</summary>
    public virtual TState Evolve(TState state, RecordedCommit recorded) => recorded.Commit.Events.Aggregate(state, Evolve);

    /// <summary>The snapshot after one commit.</summary>
    public Snapshot<TState> Fold(Snapshot<TState> snapshot, RecordedCommit recorded) =>
        new(Evolve(snapshot.State, recorded), recorded.Commit.At, recorded.Hash, recorded.Commit.FirstVersion);

    /// <summary>Reads a stored snapshot.</summary>
    public Snapshot<TState> Parse(ReadOnlyMemory<byte> body) => JsonSerializer.Deserialize(body.Span, Json)!;

    /// <inheritdoc cref="Parse(ReadOnlyMemory{byte})"/>
    public Snapshot<TState> Parse(Document document) => Parse(document.Body);

    /// <summary>
    /// Whether <paramref name="facts"/> take something from somebody that only a document keeps from them. None: what was asked for was recorded before, and may not
    /// be in that document yet.
    /// </summary>
    public virtual bool TakesAway(IReadOnlyCollection<DomainEvent> facts) => false;

    /// <summary>The stream's state now, as the log says, and its head.</summary>
    public async Task<(TState State, StreamHead Head)> Load(
        IEventStore events, IDocumentStore documents, StreamName stream, CancellationToken cancellationToken)
    {
        var document = await documents.Get(new(DocumentKind, stream.Key), cancellationToken);
        return (document?.View(Parse) is { CommitVersion: > 0 } snapshot ? await Continue(events, stream, snapshot, cancellationToken) : null)
            ?? (await Continue(events, stream, Snapshot<TState>.Of(Start), cancellationToken))!.Value;
    }

    /// <summary>
    /// The state from a snapshot on; null when the log does not contain the snapshot's last commit. A snapshot may lag behind the log. It is not
    /// believed when it is ahead of it or of another one, as after a restore.
    /// </summary>
    private async Task<(TState State, StreamHead Head)?> Continue(
        IEventStore events, StreamName stream, Snapshot<TState> snapshot, CancellationToken cancellationToken)
    {
        var head = StreamHead.Start(stream);
        var isTied = snapshot.CommitVersion == 0;
        await foreach (var recorded in events.ReadOutline(stream, Math.Max(0, snapshot.CommitVersion - 1), cancellationToken))
        {
            if (isTied)
            {
                snapshot = Fold(snapshot, recorded);
            }
            else if (recorded.Hash == snapshot.Hash)
            {
                isTied = true;
            }
            else
            {
                return null;
            }

            head = recorded.Head;
        }

        return isTied ? (snapshot.State, head) : null;
    }
}

/// <summary>A stream's state with its last commit's time, hash and first version: what the next append needs, and what ties it to the log.</summary>
public sealed record Snapshot<TState>(TState State, DateTimeOffset At, Checksum Hash, long CommitVersion)
{
    /// <summary>Before the first commit.</summary>
    public static Snapshot<TState> Of(TState start) => new(start, DateTimeOffset.MinValue, Checksum.Zero, 0);
}

/// <summary>Load, decide, append; decide again on fresh state where a rival was faster. The only place that does so.</summary>
public sealed class Streams<TState>(
    StreamState<TState> kind, IEventStore events, IDocumentStore documents, IProjectionSignal projections, TimeProvider time)
    where TState : class
{
    // 50 clients publishing versions of one crate at once lose at most 49 times; the rest is for the unlucky.
    private const int Attempts = 200;

    // In milliseconds; the first rival costs none.
    private const int MaxPause = 100;

    /// <summary>The stream's state now, and its head.</summary>
    public Task<(TState State, StreamHead Head)> Load(StreamName stream, CancellationToken cancellationToken) =>
        kind.Load(events, documents, stream, cancellationToken);

    /// <summary>
    /// Appends what <paramref name="decide"/> answers on the current state, stamped as <paramref name="by"/>'s. <paramref name="beforeAppend"/> runs
    /// once it is clear that facts will be appended, for bytes that must be durable before a fact names them.
    /// </summary>
    public async Task<Outcome<Done>> Change(
        StreamName stream, Caller by, Func<TState, Decision> decide, CancellationToken cancellationToken, Func<Task>? beforeAppend = null)
    {
        for (var attempt = 1; ; attempt++)
        {
            var (state, head) = await Load(stream, cancellationToken);
            var decision = decide(state);
            if (decision.Refusal is { } refusal)
            {
                return refusal;
            }

            if (decision.Events.Count == 0)
            {
                return await Enforced(head, decision.Events);
            }

            var commit = NewCommit.After(head, decision.Events, by.Stamp(time.GetUtcNow()));
            if (commit.RefuseSize() is { } tooLarge)
            {
                return tooLarge;
            }

            await (beforeAppend?.Invoke() ?? Task.CompletedTask);
            try
            {
                // Not cancelled once begun: the caller shall learn how it ended.
                await events.Append(commit, CancellationToken.None);
                return await Enforced(commit.Recorded.Head, decision.Events);
            }
            catch (StreamMovedException) when (attempt < Attempts)
            {
                // A rival was faster: decide again on what it left. Rivals in other processes are let apart by chance, the more the longer it goes on.
                await Task.Delay(TimeSpan.FromMilliseconds(Random.Shared.Next(Math.Min(attempt, MaxPause))), time, CancellationToken.None);
            }
            catch (StreamMovedException e)
            {
                throw new StoreUnavailableException("events", e);
            }
        }
    }

    /// <summary>Waits until readers see what was recorded. What takes something away is not answered with success while they may not.</summary>
    private async Task<Done> Enforced(StreamHead head, ValueList<DomainEvent> facts)
    {
        var takesAway = head.Version > 0 && kind.TakesAway(facts);
        if (facts.Count == 0 && !takesAway)
        {
            return default;
        }

        return await projections.Appended(head, takesAway) || !takesAway ? default(Done) : throw new NotInForceException(head.Stream);
    }
}
