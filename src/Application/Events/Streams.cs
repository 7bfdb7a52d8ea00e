using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Raktar.Application.Ports;
using Raktar.Domain;

namespace Raktar.Application.Events;

/// <summary>A kind of stream: how its state starts and evolves, and how a snapshot of it is stored.</summary>
public abstract record StreamState<TState>(string DocumentKind, TState Start, JsonTypeInfo<Snapshot<TState>> Json)
{
    /// <summary>The state after one fact.</summary>
    public abstract TState Evolve(TState state, DomainEvent fact);

    /// <summary>The snapshot after one commit.</summary>
    public Snapshot<TState> Fold(Snapshot<TState> snapshot, RecordedCommit recorded) =>
        new(recorded.Commit.Events.Aggregate(snapshot.State, Evolve), recorded.Commit.At, recorded.Hash);

    /// <summary>Reads a stored snapshot.</summary>
    public Snapshot<TState> Parse(ReadOnlyMemory<byte> body) => JsonSerializer.Deserialize(body.Span, Json)!;
}

/// <summary>A stream's state with its last commit's time and hash: what the next append needs.</summary>
public sealed record Snapshot<TState>(TState State, DateTimeOffset At, Checksum Hash);

/// <summary>Load, decide, append; decide again on fresh state where a rival was faster. The only place that does so.</summary>
public sealed class Streams<TState>(
    StreamState<TState> kind, IEventStore events, IDocumentStore documents, IProjectionSignal projections, TimeProvider time)
    where TState : class
{
    // 50 clients publishing versions of one crate at once lose at most 49 times; the rest is for the unlucky.
    private const int Attempts = 200;

    /// <summary>The stream's state now, and its head.</summary>
    public async Task<(TState State, StreamHead Head)> Load(StreamName stream, CancellationToken cancellationToken)
    {
        var document = await documents.Get(new(kind.DocumentKind, stream.Key), cancellationToken);
        var snapshot = document?.View(kind.Parse) ?? new(kind.Start, DateTimeOffset.MinValue, Checksum.Zero);
        var head = new StreamHead(stream, document?.Version ?? 0, snapshot.At, snapshot.Hash);

        // The snapshot may lag behind the log, never the other way.
        await foreach (var recorded in events.Read(stream, head.Version, cancellationToken))
        {
            snapshot = kind.Fold(snapshot, recorded);
            head = recorded.Head;
        }

        return (snapshot.State, head);
    }

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
                return default(Done);
            }

            await (beforeAppend?.Invoke() ?? Task.CompletedTask);
            try
            {
                // Not cancelled once begun: the caller shall learn how it ended.
                var recorded = await events.Append(head, decision.Events, by.Stamp(time.GetUtcNow()), CancellationToken.None);
                await projections.Appended(recorded.Head);
                return default(Done);
            }
            catch (StreamMovedException) when (attempt < Attempts)
            {
                // A rival was faster: decide again on what it left.
            }
            catch (StreamMovedException e)
            {
                throw new StoreUnavailableException("events", e);
            }
        }
    }
}
