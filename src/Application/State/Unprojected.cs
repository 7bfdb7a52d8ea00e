using System.Collections.Immutable;
using Raktar.Application.Log;

namespace Raktar.Application.State;

/// <summary>
/// The streams whose documents may lack something that was appended. Whoever decides by documents what somebody may see or do asks the log for these instead, so
/// that a restriction, a revocation or a deletion holds once it was answered, whatever becomes of the documents. But for the moments between an append and
/// its projection there are none while nothing fails, and then asking costs no more than reading a field.
/// </summary>
public sealed class Unprojected
{
    private ImmutableDictionary<StreamName, long> _streams = ImmutableDictionary<StreamName, long>.Empty;

    /// <summary>Whether all documents hold everything.</summary>
    public bool IsEmpty => _streams.IsEmpty;

    /// <summary>The streams, each with the version that its documents may lack.</summary>
    public IReadOnlyDictionary<StreamName, long> Streams => _streams;

    /// <summary>The version that the documents of <paramref name="stream"/> may lack; null: they hold everything. To be asked before they are read.</summary>
    public long? Find(StreamName stream)
    {
        var streams = _streams;
        return !streams.IsEmpty && streams.TryGetValue(stream, out var version) ? version : null;
    }

    /// <summary>The documents of <paramref name="stream"/> may lack <paramref name="version"/> (0: nobody knows which).</summary>
    public void Add(StreamName stream, long version) =>
        ImmutableInterlocked.AddOrUpdate(ref _streams, stream, version, (_, known) => Math.Max(known, version));

    /// <summary>They hold everything up to <paramref name="version"/>.</summary>
    public void Remove(StreamName stream, long version) =>
        ImmutableInterlocked.Update(ref _streams, streams => streams.TryGetValue(stream, out var known) && known <= version ? streams.Remove(stream) : streams);
}
