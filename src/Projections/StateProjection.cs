using System.Text.Json;
using Raktar.Application.Log;
using Raktar.Application.Ports;
using Raktar.Application.State;

namespace Raktar.Projections;

/// <summary>Snapshots of what decisions need, so that a long stream need not be read from the start.</summary>
internal sealed class StateProjection<TState>(
    StreamState<TState> state, Func<TState, bool> isFollowed, Func<TState, IReadOnlyCollection<string>>? aliases = null) : IProjection<Snapshot<TState>>
    where TState : class
{
    public string Kind => state.DocumentKind;

    public Snapshot<TState> Fold(Snapshot<TState>? view, RecordedCommit recorded) =>
        state.Fold(view ?? Snapshot<TState>.Of(state.Start), recorded);

    public Snapshot<TState> Parse(Document document) => state.Parse(document);

    public IReadOnlyCollection<string> Aliases(Snapshot<TState> view) => aliases?.Invoke(view.State) ?? [];

    public bool IsFollowed(Snapshot<TState> view) => isFollowed(view.State);

    public byte[] ToBytes(Snapshot<TState> view) => JsonSerializer.SerializeToUtf8Bytes(view, state.Json);
}
