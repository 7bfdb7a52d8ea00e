using Raktar.Application.Audit;
using Raktar.Application.Log;
using Raktar.Application.Ports;
using Raktar.Application.Proofs;
using Raktar.Domain;
using Raktar.Domain.Accounts;
using Raktar.Domain.Crates;
using Raktar.LocalAws;
using Raktar.Storage.Aws;

namespace Raktar.Storage.Specs;

/// <summary>Whatever goes wrong between the program and AWS: nothing acknowledged is lost, nothing is doubled, and a failure is the store's.</summary>
[Collection(OnLocalServers.Name)]
[Trait("Needs", "local-servers")]
public sealed class AwsFaults : IAsyncLifetime
{
    private static readonly StreamName Stream = StreamName.Of(CrateName.Parse("foo"));
    private static readonly byte[] Bytes = [.. Enumerable.Range(0, 100_000).Select(i => (byte)(i * 31))];
    private static readonly BlobKey Key = BlobKey.CrateFile(CrateName.Parse("foo"), SemVersion.Parse("1.0.0"), Checksum.Of(Bytes));

    private AwsTables _aws = null!;

    private IEventStore Events => _aws.Storage.Events;

    public async Task InitializeAsync() => _aws = await AwsTables.Create();

    public async Task DisposeAsync() => await _aws.DisposeAsync();

    [Theory]
    [InlineData(Fault.Throttled)]
    [InlineData(Fault.ThroughputExceeded)]
    [InlineData(Fault.InternalError)]
    [InlineData(Fault.InternalErrorAfter)]
    [InlineData(Fault.CutBefore)]
    [InlineData(Fault.CutAfter)]
    [InlineData(Fault.CutAnswer)]
    [InlineData(Fault.Silence)]
    public async Task An_append_that_fails_once_is_there_once(Fault fault)
    {
        var commit = NewCommit.After(StreamHead.Start(Stream), [new OwnerAdded(Owner.Of(Login.Admin))], Stamp());
        using var injected = _aws.Proxy.Inject(fault, times: 1, when: call => call.Operation == "PutItem");
        await Events.Append(commit, CancellationToken.None);
        Assert.Equal(1, injected.Hits);
        Assert.Equal([commit.Recorded], await Events.Read(Stream, 0, CancellationToken.None).ToListAsync());
    }

    [Theory]
    [InlineData(Fault.CutAfter)]
    [InlineData(Fault.InternalErrorAfter)]
    public async Task An_append_that_arrived_but_was_never_answered_is_no_rivals(Fault fault)
    {
        // The first of two writers never hears that it won; the second must not take its place, and the first must not think that the second did.
        var (first, second) = (New("a"), New("b"));
        using (_aws.Proxy.Inject(fault, times: 1, when: call => call.Operation == "PutItem"))
        {
            await Events.Append(first, CancellationToken.None);
        }

        await Assert.ThrowsAsync<StreamMovedException>(() => Events.Append(second, CancellationToken.None));
        Assert.Equal([first.Recorded], await Events.Read(Stream, 0, CancellationToken.None).ToListAsync());

        static NewCommit New(string login) => NewCommit.After(StreamHead.Start(Stream), [new OwnerAdded(Owner.Of(Login.Parse(login)))], Stamp());
    }

    [Fact]
    public async Task Fifty_writers_in_bad_weather_lose_and_double_nothing()
    {
        var random = new Random(7);
        var faults = new[] { Fault.Throttled, Fault.InternalErrorAfter, Fault.CutAfter, Fault.CutBefore, Fault.InternalError }
            .Select(fault => _aws.Proxy.Inject(fault, when: _ => random.Next(60) == 0)).ToList();
        var acknowledged = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => Write(i)));
        faults.ForEach(fault => fault.Dispose());
        Assert.True(faults.Sum(fault => fault.Hits) > 5, "the weather was too good");

        var stored = await Events.Read(Stream, 0, CancellationToken.None).ToListAsync();
        var logins = stored.SelectMany(recorded => recorded.Commit.Events).Cast<OwnerAdded>().Select(e => e.Owner.Text).ToList();
        Assert.Equal(logins.Count, logins.Distinct().Count());
        Assert.All(acknowledged.OfType<string>(), login => Assert.Contains(login, logins));
        var verifier = new LogVerifier(Events, _aws.Storage.Blobs, new CheckpointVerifier(Events, _aws.Storage.Blobs, []), TimeProvider.System);
        Assert.Empty(await verifier.Verify(2, CancellationToken.None).Where(finding => finding.Problem is not null).ToListAsync());

        // Answers the login that was acknowledged; null when the store was unavailable, which leaves open whether it is there.
        async Task<string?> Write(int i)
        {
            try
            {
                while (true)
                {
                    var head = await Events.Read(Stream, 0, CancellationToken.None).Select(recorded => recorded.Head).LastOrDefaultAsync() ?? StreamHead.Start(Stream);
                    try
                    {
                        await Events.Append(NewCommit.After(head, [new OwnerAdded(Owner.Of(Login.Parse($"w{i}")))], Stamp()), CancellationToken.None);
                        return $"w{i}";
                    }
                    catch (StreamMovedException)
                    {
                        // A rival was faster.
                    }
                }
            }
            catch (StoreUnavailableException)
            {
                return null;
            }
        }
    }

    /// <summary>All kinds at once, each on tables of its own: nearly all of it is waiting.</summary>
    [Fact]
    public async Task An_outage_is_the_stores_failure_and_takes_less_time_than_cargo_waits()
    {
        await Task.WhenAll(((Fault[])[Fault.Throttled, Fault.CutBefore, Fault.Silence]).Select(async fault =>
        {
            await using var aws = await AwsTables.Create();
            var (events, documents, blobs) = ((IEventStore)aws.Storage.Events, aws.Storage.Documents, (IBlobStore)aws.Storage.Blobs);
            using var outage = aws.Proxy.Inject(fault);
            var start = TimeProvider.System.GetTimestamp();
            await Task.WhenAll(
                Unavailable("events", () => events.Append(NewCommit.After(StreamHead.Start(Stream), [new OwnerAdded(Owner.Of(Login.Admin))], Stamp()), CancellationToken.None)),
                Unavailable("events", () => events.Read(Stream, 0, CancellationToken.None).ToListAsync().AsTask()),
                Unavailable("documents", () => documents.Get(new("index", "foo"), CancellationToken.None).AsTask()),
                Unavailable("documents", () => documents.Find("account", "t", CancellationToken.None).AsTask()),
                Unavailable("blobs", () => blobs.Open(Key, CancellationToken.None).AsTask()),
                Unavailable("blobs", () => Keep(blobs)));
            Assert.InRange(TimeProvider.System.GetElapsedTime(start), TimeSpan.Zero, TimeSpan.FromSeconds(25));
        }));
    }

    [Fact]
    public async Task Denied_access_is_a_failing_store_and_not_a_missing_thing()
    {
        _aws.Proxy.Allows = _ => false;
        await Unavailable("events", () => Events.Read(Stream, 0, CancellationToken.None).ToListAsync().AsTask());
        await Unavailable("documents", () => _aws.Storage.Documents.Get(new("index", "foo"), CancellationToken.None).AsTask());
        await Unavailable("blobs", () => _aws.Storage.Blobs.Open(Key, CancellationToken.None).AsTask());
    }

    [Fact]
    public async Task A_working_store_says_so_and_a_failing_one_does_not()
    {
        object[] stores = [Events, _aws.Storage.Documents, _aws.Storage.Blobs, _aws.Storage.Aside];
        await Task.WhenAll(stores.Cast<IDependency>().Select(store => store.Probe(CancellationToken.None)));
        using var outage = _aws.Proxy.Inject(Fault.InternalError);
        await Task.WhenAll(stores.Cast<IDependency>().Select(store => Unavailable(store.Name, () => store.Probe(CancellationToken.None))));
    }

    [Fact]
    public async Task A_missing_table_is_a_failing_store()
    {
        using var storage = new AwsStorage(new() { EventsTable = "not-there", DocumentsTable = "not-there", AsideTable = "not-there", AuditTable = "not-there", Bucket = "not-there", DynamoDbUrl = _aws.Proxy.Url, S3Url = _aws.Proxy.Url }, TimeProvider.System);
        await Unavailable("events", () => storage.Events.Read(Stream, 0, CancellationToken.None).ToListAsync().AsTask());
        await Unavailable("documents", () => storage.Documents.Get(new("index", "foo"), CancellationToken.None).AsTask());
        await Unavailable("blobs", () => storage.Blobs.Open(Key, CancellationToken.None).AsTask());
        await Unavailable("aside", () => storage.Aside.Get("session", "a", CancellationToken.None));
        await Unavailable("audit", () => storage.Audit.Read(AuditLane.All, AuditPlace.Oldest, AuditPlace.Newest, 1, CancellationToken.None));
    }

    [Theory]
    [InlineData(Fault.Throttled)]
    [InlineData(Fault.InternalErrorAfter)]
    [InlineData(Fault.CutBefore)]
    [InlineData(Fault.CutAfter)]
    public async Task A_blob_whose_upload_fails_once_is_there_with_its_checksum(Fault fault)
    {
        using var injected = _aws.Proxy.Inject(fault, times: 1, when: call => call.Operation == "PutObject");
        await Keep(_aws.Storage.Blobs);
        Assert.Equal(1, injected.Hits);
        Assert.All(_aws.Proxy.Calls.Where(call => call.Operation == "PutObject"), call => Assert.True(call.Sha256IsRight));
        await using var blob = await _aws.Storage.Blobs.Open(Key, CancellationToken.None);
        using var read = new MemoryStream();
        await blob!.CopyToAsync(read);
        Assert.Equal(Bytes, read.ToArray());
    }

    [Fact]
    public async Task A_download_that_breaks_off_is_the_stores_failure()
    {
        await Keep(_aws.Storage.Blobs);
        using var injected = _aws.Proxy.Inject(Fault.CutAnswer, when: call => call.Operation == "GetObject");
        await Unavailable("blobs", async () =>
        {
            await using var blob = await _aws.Storage.Blobs.Open(Key, CancellationToken.None);
            await blob!.CopyToAsync(System.IO.Stream.Null);
        });
    }

    [Fact]
    public async Task A_document_too_large_for_an_item_lies_in_the_bucket_until_it_is_replaced()
    {
        var documents = _aws.Storage.Documents;
        var (key, random) = (new DocumentKey("index", "large"), new Random(1));
        var bodies = Enumerable.Range(0, 3).Select(_ => Enumerable.Range(0, 1_000_000).Select(_ => (byte)random.Next(256)).ToArray()).ToList();
        for (var version = 1; version <= 3; version++)
        {
            await documents.Put(key, new Document(version, bodies[version - 1]), version - 1, CancellationToken.None);
            var read = await documents.Get(key, CancellationToken.None);
            Assert.Equal(version, read!.Version);
            Assert.True(read.Body.Span.SequenceEqual(bodies[version - 1]));
        }

        Assert.Equal(3, _aws.Proxy.Calls.Count(call => call.Operation == "PutObject"));
        Assert.Equal(2, _aws.Proxy.Calls.Count(call => call.Operation == "DeleteObject"));
        await documents.Put(key, new Document(4, "small"u8.ToArray()), 3, CancellationToken.None);
        Assert.Equal(3, _aws.Proxy.Calls.Count(call => call.Operation == "DeleteObject"));
    }

    [Fact]
    public async Task Who_reads_a_large_document_while_it_is_replaced_gets_the_old_or_the_new_one()
    {
        var documents = _aws.Storage.Documents;
        var key = new DocumentKey("index", "large");
        await documents.Put(key, new Document(1, Body(1)), 0, CancellationToken.None);
        using var stop = new CancellationTokenSource();
        var reading = Task.Run(async () =>
        {
            var count = 0;
            for (var seen = 0L; !stop.IsCancellationRequested; count++)
            {
                var read = await documents.Get(key, CancellationToken.None);
                Assert.True(read!.Version >= seen);
                seen = read.Version;
                Assert.True(read.Body.Span.SequenceEqual(Body((int)seen)));
            }

            return count;
        });
        for (var version = 2; version <= 25; version++)
        {
            await documents.Put(key, new Document(version, Body(version)), version - 1, CancellationToken.None);
        }

        await stop.CancelAsync();
        Assert.True(await reading > 5);

        static byte[] Body(int version)
        {
            var body = new byte[500_000];
            new Random(version).NextBytes(body);
            return body;
        }
    }

    private static Stamp Stamp() => new(new Actor(Login.Admin, 1, null), "r", TimeProvider.System.GetUtcNow());

    private static async Task Unavailable(string store, Func<Task> action) =>
        Assert.Equal(store, (await Assert.ThrowsAsync<StoreUnavailableException>(action)).Store);

    private static async Task Keep(IBlobStore blobs)
    {
        await using var staged = await blobs.Stage(CancellationToken.None);
        await staged.Write(Bytes, CancellationToken.None);
        await staged.Keep(Key, CancellationToken.None);
    }
}
