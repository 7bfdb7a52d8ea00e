using Raktar.Application.Crates.Files;
using Raktar.Application.Crates.TimeMachine;
using Raktar.Application.Crates.Views;
using Raktar.Application.Ports;
using Raktar.Application.State;
using Raktar.Domain;
using Raktar.Domain.Accounts;
using Raktar.Domain.Crates;
using Raktar.Projections.Crates;
using Raktar.Storage.Embedded;

namespace Raktar.Storage.Specs;

/// <summary>Downloads from a store that gives out links without asking whether it has the file: only what the index lists gets one.</summary>
public sealed class DownloadingByLink : IDisposable
{
    private static readonly CrateName Foo = CrateName.Parse("foo");
    private static readonly SemVersion One = SemVersion.Parse("1.0.0");
    private static readonly Checksum Bytes = Checksum.Of([1]);
    private static readonly DateTimeOffset Start = DateTimeOffset.UnixEpoch;

    private readonly TemporaryFolder _folder = new();
    private readonly EmbeddedStorage _storage;
    private readonly GuardedCrates _guarded;
    private readonly Past<IndexFile> _past;
    private readonly Past<CrateDetails> _details;
    private readonly OpenCrateFileHandler _files;
    private readonly CrateLog _log;

    public DownloadingByLink()
    {
        _storage = EmbeddedStorage.Own(_folder.Path);
        _guarded = new(_storage.Documents, _storage.Events, new Unprojected(), TimeProvider.System);
        _past = new(_storage.Documents, _storage.Events, new IndexProjection());
        _details = new(_storage.Documents, _storage.Events, new CrateDetailsProjection());
        _files = new(new LinkingBlobs(), _guarded, new ShownCrates(_storage.Documents, _guarded, _details), _past, _storage.Documents);
        _log = new(_storage.Events, _storage.Documents, Foo);
    }

    [Fact]
    public async Task A_listed_version_has_a_link_and_nothing_else_has()
    {
        await Missing(Foo, One, Bytes);
        await _log.Publish("1.0.0", Start);
        await Linked();
        await Linked();
        await Missing(Foo, SemVersion.Parse("1.0.1"), Bytes);
        await Missing(Foo, SemVersion.Parse("1.0.0+x"), Bytes);
        await Missing(Foo, One, Checksum.Of([2]));
        await Missing(CrateName.Parse("bar"), One, Bytes);
    }

    [Fact]
    public async Task What_is_restricted_or_deleted_later_has_none_any_more()
    {
        await _log.Publish("1.0.0", Start);
        await Linked();
        await _log.Append(new VisibilityChanged(Restricted: true, []), Start);
        await Missing(Foo, One, Bytes);
        await Linked(Requester.Of(Login.Admin));
        await _log.Append(new VisibilityChanged(Restricted: false, []), Start);
        await Linked();
        await _log.Append(new VersionDeleted(One, "why", Start.AddDays(7)), Start);
        await Missing(Foo, One, Bytes);
        await Missing(Foo, One, Bytes, Requester.Of(Login.Admin));
    }

    [Fact]
    public async Task A_view_that_knows_more_than_the_guards_shows_nothing()
    {
        // The index file is written; the document that says whose the crate is, is not yet.
        Assert.False(await _guarded.Shows(Foo, crate: null, isRestricted: true, Requester.Of(Login.Admin), CancellationToken.None));
        Assert.True(await _guarded.Shows(Foo, crate: null, isRestricted: false, by: null, CancellationToken.None));
        await _log.Publish("1.0.0", Start);
        var restricted = (await Index()).Restricted(true);
        await _storage.Documents.Put(new(IndexFile.Kind, "foo"), new Document(9, restricted.ToBytes()), (await Stored()).Version, CancellationToken.None);
        await Missing(Foo, One, Bytes);
        var index = new GetIndexFileHandler(_storage.Documents, _guarded);
        Assert.IsType<NoSuchCrate>((await index.Handle(new GetIndexFile("foo", By: null), CancellationToken.None)).Refusal);
    }

    public void Dispose()
    {
        _files.Dispose();
        _past.Dispose();
        _details.Dispose();
        _guarded.Dispose();
        _storage.Dispose();
        _folder.Dispose();
    }

    private async Task<Document> Stored() => (await _storage.Documents.Get(new(IndexFile.Kind, "foo"), CancellationToken.None))!;

    private async Task<IndexFile> Index() => (await Stored()).View(IndexFile.Parse);

    private async Task Linked(Requester? by = null) =>
        Assert.NotNull((await _files.Handle(new OpenCrateFile(Foo, One, Bytes, by), CancellationToken.None)).Value.Link);

    private async Task Missing(CrateName crate, SemVersion version, Checksum checksum, Requester? by = null) => Assert.Equal(
        new NoSuchVersion(crate.Text, version.ToString()),
        (await _files.Handle(new OpenCrateFile(crate, version, checksum, by), CancellationToken.None)).Refusal);

    private sealed class LinkingBlobs : IBlobStore
    {
        public Uri? Link(BlobKey key) => new($"https://bucket.example.com/{key.Path}");

        public ValueTask<IStagedBlob> Stage(CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<Stream?> Open(BlobKey key, CancellationToken cancellationToken) => throw new NotSupportedException();

        public IAsyncEnumerable<BlobKey> Checkpoints(CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task Remove(BlobKey key, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
