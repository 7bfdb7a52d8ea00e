using System.Text.Json.Serialization;

namespace Raktar.Api.Bodies;

internal sealed record CheckpointsBody(IReadOnlyList<CheckpointBody> Checkpoints);

internal sealed record CheckpointBody(
    int Number, DateTimeOffset At, int Streams, long Commits, string Root, string Previous, string Key, string Signature, string? Warning);

internal sealed record HealthBody(string Status);

internal sealed record ReadyBody(
    string Status,
    IReadOnlyDictionary<string, string> Dependencies,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<string>? SetAside = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyDictionary<string, string>? Upstreams = null);

internal sealed record SetAsideBody(IReadOnlyList<SetAsideStreamBody> SetAside);

internal sealed record SetAsideStreamBody(
    string Stream, string Document, string Problem, DateTimeOffset Since, int Tries, DateTimeOffset NextTry, IReadOnlyList<LargeVersionBody> LargestVersions);

internal sealed record LargeVersionBody(string Version, long Bytes);
