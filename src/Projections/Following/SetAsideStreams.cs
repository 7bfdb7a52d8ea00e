using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Serialization;
using Raktar.Application.Log;
using Raktar.Application.Ports;

namespace Raktar.Projections.Following;

/// <summary>
/// What the projections could not do, kept beside the log so that a restart does not try it at once. Each is tried again after a pause that doubles, or when an
/// administrator asks.
/// </summary>
public sealed class SetAsideStreams(IAsideStore store, TimeProvider time)
{
    private const string StoreKind = "set-aside";
    private const int MaxProblem = 500;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan LongestPause = TimeSpan.FromHours(6);

    private readonly ConcurrentDictionary<(string Kind, StreamName Stream), SetAside> _all = new();

    /// <summary>All of them, in the order of their names.</summary>
    public IReadOnlyList<SetAside> All => [.. _all.Values.OrderBy(each => each.Stream.ToString(), StringComparer.Ordinal).ThenBy(each => each.Kind, StringComparer.Ordinal)];

    /// <summary>Those that may be tried now.</summary>
    public IEnumerable<StreamName> Due => _all.Values.Where(each => each.NextTry <= time.GetUtcNow()).Select(each => each.Stream);

    /// <summary>How long it is until one may be tried; null when there is none.</summary>
    public TimeSpan? UntilNext => _all.IsEmpty ? null : _all.Values.Min(each => each.NextTry) - time.GetUtcNow();

    /// <summary>Reads what was kept.</summary>
    public async Task Load(CancellationToken cancellationToken)
    {
        await foreach (var item in store.Newest(StoreKind, before: null, cancellationToken))
        {
            var (kind, stream) = Read(item.Key);
            var kept = JsonSerializer.Deserialize(item.Value, SetAsideJson.Default.StoredSetAside)!;
            _all[(kind, stream)] = new(kind, stream, kept.Problem, kept.Since, kept.Tries, kept.NextTry);
        }
    }

    /// <summary>Whether a projection leaves the stream alone for now.</summary>
    public bool IsWaiting(string kind, StreamName stream) => _all.TryGetValue((kind, stream), out var found) && found.NextTry > time.GetUtcNow();

    /// <summary>Sets a stream aside, or further aside; answers whether it was not yet.</summary>
    public async Task<bool> Put(string kind, StreamName stream, string problem, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var before = _all.GetValueOrDefault((kind, stream));
        var tries = (before?.Tries ?? 0) + 1;
        var pause = tries > 10 ? LongestPause : TimeSpan.FromTicks(Math.Min(LongestPause.Ticks, FirstPause.Ticks << (tries - 1)));
        var set = new SetAside(kind, stream, problem.Length > MaxProblem ? problem[..MaxProblem] : problem, before?.Since ?? now, tries, now + pause);
        _all[(kind, stream)] = set;
        await store.Put(
            StoreKind,
            KeyOf(kind, stream),
            JsonSerializer.SerializeToUtf8Bytes(new(set.Problem, set.Since, set.Tries, set.NextTry), SetAsideJson.Default.StoredSetAside),
            until: null,
            cancellationToken);
        return before is null;
    }

    /// <summary>Forgets that a stream was set aside; answers whether it was.</summary>
    public async Task<bool> Remove(string kind, StreamName stream, CancellationToken cancellationToken)
    {
        if (!_all.ContainsKey((kind, stream)))
        {
            return false;
        }

        await store.Remove(StoreKind, KeyOf(kind, stream), cancellationToken);
        return _all.TryRemove((kind, stream), out _);
    }

    /// <summary>Makes all of them due.</summary>
    public void TryAgain()
    {
        foreach (var (key, found) in _all)
        {
            _all.TryUpdate(key, found with { NextTry = time.GetUtcNow() }, found);
        }
    }

    private static string KeyOf(string kind, StreamName stream) => $"{kind} {stream}";

    private static (string Kind, StreamName Stream) Read(string key) =>
        key.Split(' ', 2) is [var kind, var stream] ? (kind, StreamName.Parse(stream)) : throw new FormatException($"`{key}` names no projection and stream");
}

/// <summary>As it is kept; the kind and the stream are its key.</summary>
internal sealed record StoredSetAside(string Problem, DateTimeOffset Since, int Tries, DateTimeOffset NextTry);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(StoredSetAside))]
internal sealed partial class SetAsideJson : JsonSerializerContext;
