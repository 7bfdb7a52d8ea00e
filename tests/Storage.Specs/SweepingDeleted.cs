using Raktar.Application.Crates.Files;
using Raktar.Application.Crates.Views;
using Raktar.Application.Ports;
using Raktar.Application.State;
using Raktar.Domain;
using Raktar.Domain.Crates;
using Raktar.Storage.Embedded;
using Raktar.Testing;

namespace Raktar.Storage.Specs;

/// <summary>The crate file of a deleted version goes when nobody can bring the version back any more.</summary>
[Collection(OnLocalServers.Name)]
[Trait("Needs", "local-servers")]
public sealed class SweepingDeleted : IDisposable
{
    private static readonly byte[] Bytes = [1, 2, 3];

    private readonly TemporaryFolder _folder = new();
    private readonly ManualClock _clock = new();

    [Fact]
    public async Task A_crate_file_goes_when_its_time_is_over()
    {
        using var storage = EmbeddedStorage.Own(_folder.Path);
        await Holds(storage.Events, storage.Documents, storage.Blobs);
    }

    [Fact]
    public async Task So_it_does_on_aws()
    {
        await using var aws = await AwsTables.Create(_clock);
        await Holds(aws.Storage.Events, aws.Storage.Documents, aws.Storage.Blobs);
    }

    public void Dispose() => _folder.Dispose();

    private async Task Holds(IEventStore events, IDocumentStore documents, IBlobStore blobs)
    {
        var (foo, checksum, start) = (CrateName.Parse("foo"), Checksum.Of(Bytes), _clock.GetUtcNow());
        var log = new CrateLog(events, documents, foo);
        using var guarded = new GuardedCrates(documents, events, new Unprojected(), _clock);
        var files = new DeletedCrateFiles(guarded, events, blobs, _clock);
        string[] versions = ["1.0.0", "2.0.0", "3.0.0", "4.0.0"];
        foreach (var version in versions)
        {
            await using var staged = await blobs.Stage(CancellationToken.None);
            await staged.Write(Bytes, CancellationToken.None);
            await staged.Keep(Key(version), CancellationToken.None);
            await log.Publish(version, start, checksum);
        }

        await log.Append(new VersionDeleted(SemVersion.Parse("1.0.0"), "why", start.AddDays(7)), start);
        await log.Append(new VersionDeleted(SemVersion.Parse("2.0.0"), "why", start.AddDays(7)), start);
        await log.Append(new VersionRestored(SemVersion.Parse("2.0.0")), start);
        await log.Append(new VersionDeleted(SemVersion.Parse("3.0.0"), "why", start.AddDays(9)), start);
        _clock.Pass(TimeSpan.FromDays(7));
        Assert.Equal(0, await files.Sweep(CancellationToken.None));
        Assert.Equal(versions, await There());
        _clock.Pass(TimeSpan.FromHours(2));
        Assert.Equal(1, await files.Sweep(CancellationToken.None));
        Assert.Equal(["2.0.0", "3.0.0", "4.0.0"], await There());
        Assert.Equal(0, await files.Sweep(CancellationToken.None));

        BlobKey Key(string version) => BlobKey.CrateFile(foo, SemVersion.Parse(version), checksum);

        async Task<List<string>> There()
        {
            var there = new List<string>();
            foreach (var version in versions)
            {
                await using var blob = await blobs.Open(Key(version), CancellationToken.None);
                if (blob is not null)
                {
                    there.Add(version);
                }
            }

            return there;
        }
    }
}
