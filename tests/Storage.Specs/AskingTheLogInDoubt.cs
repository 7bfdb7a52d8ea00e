using Raktar.Application.Crates.Views;
using Raktar.Application.Log;
using Raktar.Application.Ports;
using Raktar.Application.State;
using Raktar.Domain;
using Raktar.Domain.Accounts;
using Raktar.Domain.Crates;
using Raktar.Projections;
using Raktar.Storage.Embedded;

namespace Raktar.Storage.Specs;

/// <summary>While documents may lack something the log says who sees what; while they do not, it is not read.</summary>
[Collection(OnLocalServers.Name)]
[Trait("Needs", "local-servers")]
public sealed class AskingTheLogInDoubt : IDisposable
{
    private static readonly CrateName Foo = CrateName.Parse("foo");
    private static readonly Requester Reader = new(Login.Parse("rita"), [], IsAdmin: false);

    private readonly TemporaryFolder _folder = new();
    private readonly Clock _clock = new();

    [Fact]
    public async Task In_a_data_folder()
    {
        using var storage = EmbeddedStorage.Own(_folder.Path);
        await Holds(storage.Events, storage.Documents, isToldWhenProjected: true);
    }

    [Fact]
    public async Task On_aws()
    {
        await using var aws = await AwsTables.Create(_clock);
        await Holds(aws.Storage.Events, aws.Storage.Documents, isToldWhenProjected: false);
    }

    /// <summary>An instance on AWS remembers for some seconds that a crate was open; the index file is newer and says that it no longer is.</summary>
    [Fact]
    public async Task Whoever_may_see_a_crate_sees_it_on_while_others_are_shut_out()
    {
        await using var aws = await AwsTables.Create(_clock);
        var (events, documents) = (aws.Storage.Events, aws.Storage.Documents);
        var log = new CrateLog(events, documents, Foo);
        await log.Publish("1.0.0", _clock.GetUtcNow());
        using var guarded = new GuardedCrates(documents, events, new Unprojected(), _clock);
        var index = new GetIndexFileHandler(documents, guarded);
        Assert.True(await Finds(Reader));

        await log.Append(new VisibilityChanged(Restricted: true, []), _clock.GetUtcNow());
        Assert.True(await Finds(Requester.Of(Login.Admin)));
        Assert.False(await Finds(Reader));
        Assert.False(await Finds(by: null));

        async Task<bool> Finds(Requester? by) => (await index.Handle(new GetIndexFile("foo", by), CancellationToken.None)).Refusal is null;
    }

    /// <summary>Its version 0 would tie it to any log.</summary>
    [Fact]
    public async Task A_document_that_claims_to_follow_from_nothing_is_not_believed()
    {
        using var storage = EmbeddedStorage.Own(_folder.Path);
        var mallory = Login.Parse("mallory");
        var forged = new Snapshot<Account>(new Account { Login = mallory, Role = Role.Admin }, DateTimeOffset.MinValue, Checksum.Zero, 0);
        var body = System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(forged, new AccountStreams().Json);
        await storage.Documents.Put(new(AccountStreams.Kind, "mallory"), new(1, body), 0, CancellationToken.None);
        var (account, _) = await new AccountStreams().Load(storage.Events, storage.Documents, StreamName.Of(mallory), CancellationToken.None);
        Assert.Null(account.Login);
    }

    public void Dispose() => _folder.Dispose();

    private async Task Holds(IEventStore events, IDocumentStore documents, bool isToldWhenProjected)
    {
        var log = new CrateLog(events, documents, Foo);
        await log.Publish("1.0.0", _clock.GetUtcNow());
        var (counting, unprojected) = (new CountingLog(events), new Unprojected());
        using var guarded = new GuardedCrates(documents, counting, unprojected, _clock);
        Assert.True(await Sees());
        await log.Append(new VisibilityChanged(Restricted: true, []), _clock.GetUtcNow(), isShown: false);
        unprojected.Add(StreamName.Of(Foo), 3);
        Assert.Equal(0, counting.Reads);

        Assert.False(await Sees());
        Assert.True(await IsVisible(Foo, Reader with { IsAdmin = true }));
        Assert.Equal([Foo], await Hidden());
        Assert.True(await IsVisible(CrateName.Parse("bar"), Reader));
        Assert.Equal(1, counting.Reads);

        // Something more that the documents lack.
        await log.Append(new VisibilityChanged(Restricted: false, []), _clock.GetUtcNow(), isShown: false);
        unprojected.Add(StreamName.Of(Foo), 4);
        Assert.True(await Sees());
        await log.Append(new VisibilityChanged(Restricted: true, []), _clock.GetUtcNow());
        if (isToldWhenProjected)
        {
            unprojected.Remove(StreamName.Of(Foo), 5);
        }
        else
        {
            // What is remembered has to end, then what is followed tells that the documents have it.
            _clock.Pass(documents.Remembered);
            Assert.False(await Sees());
        }

        Assert.True(unprojected.IsEmpty);
        var before = counting.Reads;
        Assert.False(await Sees());
        Assert.Equal([Foo], await Hidden());
        Assert.Equal(before, counting.Reads);

        async Task<bool> IsVisible(CrateName name, Requester by) =>
            await guarded.Shows(name, await guarded.Find(name, CancellationToken.None), isRestricted: false, by, CancellationToken.None);

        Task<bool> Sees() => IsVisible(Foo, Reader);

        async Task<IEnumerable<CrateName>> Hidden() =>
            (await guarded.All(CancellationToken.None)).Where(crate => !crate.IsVisibleTo(Reader)).Select(crate => crate.Name!);
    }

    /// <summary>Also what has passed since something is what a spec says.</summary>
    private sealed class Clock : TimeProvider
    {
        private DateTimeOffset _now = new(2026, 11, 25, 12, 0, 0, TimeSpan.Zero);

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override DateTimeOffset GetUtcNow() => _now;

        public override long GetTimestamp() => _now.Ticks;

        public void Pass(TimeSpan time) => _now += time;
    }

    private sealed class CountingLog(IEventStore log) : IEventStore
    {
        public int Reads { get; private set; }

        public Task Append(NewCommit commit, CancellationToken cancellationToken) => log.Append(commit, cancellationToken);

        public IAsyncEnumerable<StoredCommit> ReadStored(StreamName stream, long afterVersion, CancellationToken cancellationToken)
        {
            Reads++;
            return log.ReadStored(stream, afterVersion, cancellationToken);
        }

        public IAsyncEnumerable<StreamName> Streams(CancellationToken cancellationToken) => log.Streams(cancellationToken);

        public IAsyncEnumerable<CommitHash> Hashes(StreamName? stream, CancellationToken cancellationToken) => log.Hashes(stream, cancellationToken);
    }
}
