using System.Text;
using Raktar.Application.Crates.Views;
using Raktar.Application.Log;
using Raktar.Application.Ports;
using Raktar.Application.State;
using Raktar.Domain;
using Raktar.Domain.Accounts;
using Raktar.Domain.Crates;
using Raktar.Projections;
using Raktar.Projections.Crates;
using Raktar.Storage.Embedded;

namespace Raktar.Storage.Specs;

/// <summary>A log may hold a crate, published before there were limits, whose documents would fill the memory.</summary>
[Trait("Needs", "seconds")]
public sealed class LargeCrates : IDisposable
{
    private static readonly CrateName Poison = CrateName.Parse("poison");
    private static readonly StreamName Stream = StreamName.Of(Poison);

    // Two megabytes a version: 33 of them are more than a document may hold.
    private static readonly Package Heavy = new() { Features = [new("default", [.. Enumerable.Range(0, 100_000).Select(i => $"feature-of-it-{i:000000}")])] };

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task Too_large_a_document_is_not_made_before_versions_are_deleted_and_what_decides_is_made_all_the_same()
    {
        using var storage = EmbeddedStorage.Own(_folder.Path);
        var log = new Log(storage.Events);
        await log.Append(new CrateCreated(Poison, Login.Admin));
        for (var i = 0; i < 33; i++)
        {
            await log.Append(Published(i));
        }

        Assert.Equal(["index", "crate", "catalogue"], await CatchUp(storage));
        var state = await storage.Documents.Get(new(CrateStreams.Kind, Stream.Key), CancellationToken.None);
        Assert.InRange(new CrateStreams().Parse(state!.Body).State.Bytes, LargeDocuments.MaxBytes, long.MaxValue);

        for (var i = 0; i < 32; i++)
        {
            await log.Append(new VersionDeleted(Version(i), "too large", DateTimeOffset.UnixEpoch.AddYears(100)));
        }

        Assert.Empty(await CatchUp(storage));
        Assert.Equal(["1.0.32"], await Lines(storage));
        var details = CrateDetails.Parse((await storage.Documents.Get(new(CrateDetails.Kind, Stream.Key), CancellationToken.None))!);
        Assert.Equal(Heavy, details.Find(Version(32))!.Package);
        Assert.All(details.History.All.Take(32), version => Assert.Equal(new Package(), version.Package));
    }

    [Fact]
    public async Task A_deleted_version_comes_back_to_its_place_from_the_log()
    {
        using var storage = EmbeddedStorage.Own(_folder.Path);
        var log = new Log(storage.Events);
        await log.Append(new CrateCreated(Poison, Login.Admin));
        for (var i = 0; i < 3; i++)
        {
            await log.Append(Published(i));
        }

        await log.Append(new VersionYanked(Version(1), "why"));
        await CatchUp(storage);
        var whole = await Index(storage);
        await log.Append(new VersionDeleted(Version(1), "why", DateTimeOffset.UnixEpoch.AddYears(100)));
        await CatchUp(storage);
        Assert.Equal(["1.0.0", "1.0.2"], await Lines(storage));
        await log.Append(new VersionRestored(Version(1)));
        await CatchUp(storage);
        Assert.Equal(whole.Body.ToArray(), (await Index(storage)).Body.ToArray());
        var details = CrateDetails.Parse((await storage.Documents.Get(new(CrateDetails.Kind, Stream.Key), CancellationToken.None))!);
        Assert.Equal((Heavy, "why"), (details.Find(Version(1))!.Package, details.Find(Version(1))!.YankReason));
    }

    public void Dispose() => _folder.Dispose();

    private static SemVersion Version(int number) => SemVersion.Parse($"1.0.{number}");

    private static VersionPublished Published(int number) => new(Version(number), Checksum.Of([(byte)number]), 1, Login.Admin, Heavy);

    private static async Task<IndexFile> Index(EmbeddedStorage storage) =>
        IndexFile.Parse((await storage.Documents.Get(new(IndexFile.Kind, Stream.Key), CancellationToken.None))!);

    private static async Task<IEnumerable<string>> Lines(EmbeddedStorage storage) =>
        Encoding.UTF8.GetString((await Index(storage)).Body.Span).TrimEnd('\n').Split('\n').Select(line => line.Split('"')[7]);

    /// <summary>Runs all projections, and answers which could not.</summary>
    private static async Task<List<string>> CatchUp(EmbeddedStorage storage)
    {
        var failed = new List<string>();
        using var projectors = new Projectors(storage.Events, storage.Documents, storage.Audit);
        foreach (var projector in projectors.Of(Stream))
        {
            try
            {
                await projector.CatchUp(Stream, CancellationToken.None);
            }
            catch (DocumentTooLargeException)
            {
                failed.Add(projector.Kind);
            }
        }

        return failed;
    }

    private sealed class Log(IEventStore events)
    {
        private StreamHead _head = StreamHead.Start(Stream);

        public async Task Append(DomainEvent fact)
        {
            var commit = NewCommit.After(_head, [fact], new Stamp(new Actor(Login.Admin, 1, null), "r", _head.Version == 0 ? DateTimeOffset.UnixEpoch : _head.At.AddDays(1)));
            await events.Append(commit, CancellationToken.None);
            _head = commit.Recorded.Head;
        }
    }
}
