using Raktar.Domain;
using Raktar.Domain.Accounts;

namespace Raktar.Application.Log;

/// <summary>
/// What one command appended to one stream: whole or not at all. Each commit names the hash of the one before it, so that a stream is a chain.
/// </summary>
public sealed record Commit
{
    /// <summary>A UUID of version 7: recognises a retried write as our own.</summary>
    public required Guid Id { get; init; }

    /// <summary>The stream.</summary>
    public required StreamName Stream { get; init; }

    /// <summary>The version of the first fact; versions count facts from 1.</summary>
    public required long FirstVersion { get; init; }

    /// <summary>When, in UTC; never earlier than the stream's commit before.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Who did it.</summary>
    public required Actor Actor { get; init; }

    /// <summary>The request it came from, as in the server's log.</summary>
    public required string Correlation { get; init; }

    /// <summary>The facts, in order; at least one.</summary>
    public required ValueList<DomainEvent> Events { get; init; }

    /// <summary>The hash of the stream's commit before, or <see cref="Checksum.Zero"/> for the first.</summary>
    public required Checksum PreviousHash { get; init; }

    /// <summary>The version of the last fact.</summary>
    public long LastVersion => FirstVersion + Events.Count - 1;
}

/// <summary>
/// Who appended: the account, which of its tokens (null: none, as in a session), the client's user agent, and, for a trusted publisher, which run of which
/// continuous integration it was.
/// </summary>
public sealed record Actor(Login Account, int? Token, string? Client, string? Ci = null);

/// <summary>What the caller's side adds to the facts: who, in which request, when.</summary>
public sealed record Stamp(Actor Actor, string Correlation, DateTimeOffset At);

/// <summary>Where a stream ends: the version of its last fact, and that commit's time and hash. An append continues from here or fails.</summary>
public sealed record StreamHead(StreamName Stream, long Version, DateTimeOffset At, Checksum Hash)
{
    /// <summary>The head of a stream that has no facts yet.</summary>
    public static StreamHead Start(StreamName stream) => new(stream, 0, DateTimeOffset.MinValue, Checksum.Zero);
}

/// <summary>A commit as it stands in the log: its decoded form and its hash.</summary>
public sealed record RecordedCommit(Commit Commit, Checksum Hash)
{
    /// <summary>How many bytes it has in the log, which is about what it adds to a document that keeps all of it.</summary>
    public int Bytes { get; init; }

    /// <summary>The stream's head after this commit.</summary>
    public StreamHead Head => new(Commit.Stream, Commit.LastVersion, Commit.At, Hash);
}

/// <summary>The bytes of a commit as stored, with the columns beside them.</summary>
public sealed record StoredCommit(StreamName Stream, long FirstVersion, ReadOnlyMemory<byte> Body, Checksum Hash);

/// <summary>A commit on its way into the log, with its canonical bytes and their hash.</summary>
public sealed record NewCommit(Commit Commit, ReadOnlyMemory<byte> Body, Checksum Hash)
{
    /// <summary>
    /// The most bytes a commit may have: not compressed, for readers, projections and documents hold it unpacked, and text that repeats itself is a thousandth
    /// of its size when it arrives. It is more than twice the largest crate known (docs/publishing.md). Whatever its text, it also fits into a DynamoDB item,
    /// which has at most 400 KB (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html#limits-items).
    /// </summary>
    public const int MaxBytes = 256 * 1024;

    /// <summary>The commit as it will be read.</summary>
    public RecordedCommit Recorded => new(Commit, Hash) { Bytes = Body.Length };

    /// <summary>What follows <paramref name="head"/>: <paramref name="events"/>, stamped.</summary>
    public static NewCommit After(StreamHead head, ValueList<DomainEvent> events, Stamp stamp)
    {
        var commit = new Commit
        {
            Id = Guid.CreateVersion7(),
            Stream = head.Stream,
            FirstVersion = head.Version + 1,
            At = stamp.At > head.At ? stamp.At : head.At,
            Actor = stamp.Actor,
            Correlation = stamp.Correlation,
            Events = events,
            PreviousHash = head.Hash,
        };
        var body = EventCodec.Encode(commit);
        return new(commit, body, Checksum.Of(body));
    }

    /// <summary>The refusal of a commit that no log could hold, or null.</summary>
    public Refusal? RefuseSize() => Body.Length <= MaxBytes
        ? null
        : new TooLarge($"what must be remembered of this version has {Body.Length} bytes (max {MaxBytes}): give it fewer features or dependencies");
}
