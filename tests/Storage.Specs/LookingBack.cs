using FsCheck;
using FsCheck.Fluent;
using Raktar.Application.Crates.TimeMachine;
using Raktar.Application.Crates.Views;
using Raktar.Application.Log;
using Raktar.Application.Ports;
using Raktar.Application.State;
using Raktar.Domain;
using Raktar.Domain.Crates;
using Raktar.Projections;
using Raktar.Projections.Crates;
using Raktar.Storage.Embedded;

namespace Raktar.Storage.Specs;

/// <summary>The law of the time machine: what is answered for a time is what was answered at that time, less what is deleted today.</summary>
[Collection(OnLocalServers.Name)]
[Trait("Needs", "local-servers")]
public sealed class LookingBack : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void The_past_is_what_the_present_was_and_now_is_the_present()
    {
        var run = 0;
        Check(25, numbers =>
        {
            using var storage = EmbeddedStorage.Own(Path.Combine(_folder.Path, $"{run++}"));
            return Holds(numbers, storage.Events, storage.Documents).GetAwaiter().GetResult();
        });
    }

    [Fact]
    public async Task So_it_is_on_aws()
    {
        await using var aws = await AwsTables.Create();
        var run = 0;
        Check(4, numbers => Holds(numbers, aws.Storage.Events, aws.Storage.Documents, $"run{run++}").GetAwaiter().GetResult());
    }

    [Fact]
    public async Task An_answer_is_made_once_and_again_only_when_something_was_deleted()
    {
        using var storage = EmbeddedStorage.Own(_folder.Path);
        var reads = new CountedReads(storage.Events);
        using var past = new Past<IndexFile>(storage.Documents, reads, new IndexProjection());
        var (foo, at) = (CrateName.Parse("foo"), DateTimeOffset.UnixEpoch.AddDays(10));
        Assert.Null(await past.Find(foo, at, CancellationToken.None));
        Assert.Equal(0, reads.Commits);

        var log = new CrateLog(storage.Events, storage.Documents, foo);
        for (var day = 1; day <= 20; day++)
        {
            await log.Publish($"{day}.0.0", DateTimeOffset.UnixEpoch.AddDays(day));
        }

        var answer = await past.Find(foo, at, CancellationToken.None);
        Assert.Equal(10, Lines(answer));
        Assert.Equal(20, reads.Commits);
        Assert.Same(answer, await past.Find(foo, at, CancellationToken.None));
        Assert.Equal(20, reads.Commits);

        // What came since is looked at, and nothing more.
        await log.Publish("21.0.0", DateTimeOffset.UnixEpoch.AddDays(21));
        Assert.Same(answer, await past.Find(foo, at, CancellationToken.None));
        Assert.Equal(21, reads.Commits);

        await log.Append(new VersionDeleted(SemVersion.Parse("5.0.0"), "why", DateTimeOffset.UnixEpoch.AddDays(99)), DateTimeOffset.UnixEpoch.AddDays(22));
        Assert.Equal(9, Lines(await past.Find(foo, at, CancellationToken.None)));
        await log.Append(new VersionRestored(SemVersion.Parse("5.0.0")), DateTimeOffset.UnixEpoch.AddDays(23));
        Assert.Equal(answer!.ETag, (await past.Find(foo, at, CancellationToken.None))!.ETag);
    }

    [Fact]
    public async Task All_instants_between_two_commits_have_one_answer_and_who_asks_at_once_reads_once()
    {
        using var storage = EmbeddedStorage.Own(_folder.Path);
        var reads = new CountedReads(storage.Events);
        using var past = new Past<IndexFile>(storage.Documents, reads, new IndexProjection());
        var foo = CrateName.Parse("foo");
        var log = new CrateLog(storage.Events, storage.Documents, foo);
        await log.Publish("1.0.0", DateTimeOffset.UnixEpoch.AddDays(1));
        await log.Publish("2.0.0", DateTimeOffset.UnixEpoch.AddDays(3));
        var instants = Enumerable.Range(0, 1000).Select(second => DateTimeOffset.UnixEpoch.AddDays(2).AddSeconds(second)).ToList();
        var answers = await Task.WhenAll(instants.Select(at => Task.Run(async () => await past.Find(foo, at, CancellationToken.None))));
        Assert.Equal(1, Lines(answers[0]));
        Assert.All(answers, answer => Assert.Same(answers[0], answer));
        Assert.Equal(2, reads.Commits);
        Assert.Null(await past.Find(foo, DateTimeOffset.UnixEpoch, CancellationToken.None));
        Assert.Equal(2, reads.Commits);
    }

    [Fact]
    public async Task A_commit_of_a_clock_that_is_behind_is_seen()
    {
        using var storage = EmbeddedStorage.Own(_folder.Path);
        using var past = new Past<IndexFile>(storage.Documents, storage.Events, new IndexProjection());
        var (foo, at) = (CrateName.Parse("foo"), DateTimeOffset.UnixEpoch.AddDays(10));
        var log = new CrateLog(storage.Events, storage.Documents, foo);
        await log.Publish("1.0.0", DateTimeOffset.UnixEpoch);
        Assert.Equal(1, Lines(await past.Find(foo, at, CancellationToken.None)));
        await log.Publish("2.0.0", at);
        Assert.Equal(2, Lines(await past.Find(foo, at, CancellationToken.None)));
    }

    [Fact]
    public async Task What_the_live_index_does_not_show_yet_the_past_does_not_either()
    {
        using var storage = EmbeddedStorage.Own(_folder.Path);
        using var past = new Past<IndexFile>(storage.Documents, storage.Events, new IndexProjection());
        var log = new CrateLog(storage.Events, storage.Documents, CrateName.Parse("foo"));
        await log.Publish("1.0.0", DateTimeOffset.UnixEpoch);
        await log.Publish("2.0.0", DateTimeOffset.UnixEpoch, isShown: false);
        Assert.Equal(1, Lines(await past.Find(CrateName.Parse("foo"), DateTimeOffset.UnixEpoch, CancellationToken.None)));
    }

    public void Dispose() => _folder.Dispose();

    private static int Lines(IndexFile? file) => file!.Body.ToArray().Count(b => b == '\n');

    private static void Check(int runs, Func<int[], bool> holds) => FsCheck.Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(runs),
        Prop.ForAll(Gen.Choose(0, 999).ArrayOf(40).ToArbitrary(), holds));

    private static async Task<bool> Holds(int[] numbers, IEventStore events, IDocumentStore documents, string prefix = "")
    {
        using var past = new Past<IndexFile>(documents, events, new IndexProjection());
        using var pastCrates = new Past<CrateDetails>(documents, events, new CrateDetailsProjection());
        var projector = new Projector<IndexFile>(new IndexProjection(), events, documents);
        var crates = new Projector<CrateDetails>(new CrateDetailsProjection(), events, documents);
        var shown = new List<(StreamName Stream, DateTimeOffset At, IndexFile Live, CrateDetails Crate)>();
        // The first publishes: without that some runs would have nothing to show.
        foreach (var number in numbers.Prepend(1))
        {
            var stream = await RebuildingEqualsLiving.Act(events, number, prefix);
            await projector.CatchUp(stream, CancellationToken.None);
            await crates.CatchUp(stream, CancellationToken.None);
            if (stream.Kind != StreamName.CrateKind || await events.Read(stream, 0, CancellationToken.None).LastOrDefaultAsync() is not { } last)
            {
                continue;
            }

            var live = IndexFile.Parse((await documents.Get(new(IndexFile.Kind, stream.Key), CancellationToken.None))!);
            Assert.Equal(Told(live), Told(await past.Find(CrateName.Parse(stream.Key), DateTimeOffset.UnixEpoch.AddDays(2000), CancellationToken.None)));
            // Several commits may be of one instant: then the last of them is how it was.
            shown.RemoveAll(earlier => earlier.Stream == stream && earlier.At == last.Commit.At);
            shown.Add((stream, last.Commit.At, live, CrateDetails.Parse((await documents.Get(new(CrateDetails.Kind, stream.Key), CancellationToken.None))!)));
        }

        using var fresh = new Past<IndexFile>(documents, events, new IndexProjection());
        foreach (var (stream, at, live, crate) in shown)
        {
            var deleted = await Deleted(events, stream);
            Assert.Equal(
                crate with { History = crate.History.Change(v => deleted.Contains(v.Version), v => v with { IsDeleted = true, Packed = PackedPackage.Empty }) },
                await pastCrates.Find(CrateName.Parse(stream.Key), at, CancellationToken.None));
            var expected = WithoutDeleted(deleted, live);
            Assert.Equal(Told(expected), Told(await past.Find(CrateName.Parse(stream.Key), at, CancellationToken.None)));
            Assert.Equal(Told(expected), Told(await fresh.Find(CrateName.Parse(stream.Key), at, CancellationToken.None)));
        }

        return shown.Count > 0;
    }

    private static string? Told(IndexFile? file) => file is null ? null
        : $"{file.Name} {file.ETag} {file.GzipETag}\n{System.Text.Encoding.UTF8.GetString(file.Body.Span)}{string.Concat(file.Gzip.Select(piece => Convert.ToHexString(piece.Span)))}";

    private static async Task<HashSet<SemVersion>> Deleted(IEventStore events, StreamName stream)
    {
        var crate = Crate.Unpublished;
        await foreach (var recorded in events.Read(stream, 0, CancellationToken.None))
        {
            crate = recorded.Commit.Events.Cast<CrateEvent>().Aggregate(crate, (state, fact) => state.Evolve(fact));
        }

        return [.. crate.Versions.Values.Where(v => v.IsDeleted).Select(v => v.Version)];
    }

    private static IndexFile WithoutDeleted(HashSet<SemVersion> deleted, IndexFile live) =>
        deleted.Where(live.Has).Aggregate(live, (file, version) => file.Replace(version, _ => []));

    /// <summary>How many commits were read.</summary>
    private sealed class CountedReads(IEventStore events) : IEventStore
    {
        public int Commits { get; private set; }

        public Task Append(NewCommit commit, CancellationToken cancellationToken) => events.Append(commit, cancellationToken);

        public IAsyncEnumerable<StoredCommit> ReadStored(StreamName stream, long afterVersion, CancellationToken cancellationToken) =>
            events.ReadStored(stream, afterVersion, cancellationToken).Select(stored =>
            {
                Commits++;
                return stored;
            });

        public IAsyncEnumerable<StreamName> Streams(CancellationToken cancellationToken) => events.Streams(cancellationToken);

        public IAsyncEnumerable<CommitHash> Hashes(StreamName? stream, CancellationToken cancellationToken) => events.Hashes(stream, cancellationToken);
    }
}
