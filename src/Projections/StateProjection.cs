using System.Text.Json;
using Raktar.Application.Events;
using Raktar.Domain;

namespace Raktar.Projections;

/// <summary>Snapshots of what decisions need, so that a long stream need not be read from the start.</summary>
internal sealed class StateProjection<TState>(string streamKind, StreamState<TState> state) : IProjection<Snapshot<TState>>
    where TState : class
{
    public string Kind => state.DocumentKind;

    public string StreamKind => streamKind;

    public Snapshot<TState> Fold(Snapshot<TState>? view, RecordedCommit recorded) =>
        state.Fold(view ?? new(state.Start, DateTimeOffset.MinValue, Checksum.Zero), recorded);

    public Snapshot<TState> Parse(ReadOnlyMemory<byte> body) => state.Parse(body);

    public byte[] ToBytes(Snapshot<TState> view) => JsonSerializer.SerializeToUtf8Bytes(view, state.Json);
}
