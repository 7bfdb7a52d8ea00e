using Raktar.Application.Audit;
using Raktar.Application.Crates.Views;
using Raktar.Application.Log;
using Raktar.Application.Ports;
using Raktar.Application.State;
using Raktar.Domain;
using Raktar.Domain.Accounts;
using Raktar.Domain.Crates;
using Raktar.Projections;
using Raktar.Storage.Embedded;
using Raktar.Testing;

namespace Raktar.Storage.Specs;

/// <summary>On either storage: what was written by hand is found by comparing with the log, and gone after a rebuild.</summary>
[Collection(OnLocalServers.Name)]
[Trait("Needs", "local-servers")]
public sealed class VerifyingReadModels : IDisposable
{
    private static readonly StreamName Foo = StreamName.Of(CrateName.Parse("foo"));

    private readonly TemporaryFolder _folder = new();
    private readonly ManualClock _clock = new();

    [Fact]
    public async Task Edits_are_found_and_rebuilt_in_a_data_folder()
    {
        using var storage = EmbeddedStorage.Own(_folder.Path);
        await Holds(storage.Events, storage.Documents, storage.Audit);
    }

    [Fact]
    public async Task Edits_are_found_and_rebuilt_on_aws()
    {
        await using var aws = await AwsTables.Create(_clock);
        await Holds(aws.Storage.Events, aws.Storage.Documents, aws.Storage.Audit);
    }

    public void Dispose() => _folder.Dispose();

    private async Task Holds(IEventStore events, IDocumentStore documents, IAuditStore audit)
    {
        var at = _clock.GetUtcNow();
        var head = StreamHead.Start(Foo);
        DomainEvent[][] commits =
        [
            [new CrateCreated(CrateName.Parse("foo"), Login.Admin), new VersionPublished(SemVersion.Parse("1.0.0"), Checksum.Of([1]), 1, Login.Admin, new Package())],
            [new VisibilityChanged(Restricted: true, [])],
        ];
        foreach (var facts in commits)
        {
            var commit = NewCommit.After(head, [.. facts], new Stamp(new Actor(Login.Admin, 1, null), "r", at));
            await events.Append(commit, CancellationToken.None);
            head = commit.Recorded.Head;
        }

        using var all = new Projectors(events, documents, audit);
        Assert.Equal(5, (await Problems()).Count(problem => problem.EndsWith("it lacks what the log has from version 1 on", StringComparison.Ordinal)));
        await Rebuild();
        Assert.Empty(await Problems());

        DocumentKey state = new(CrateStreams.Kind, "foo"), index = new(IndexFile.Kind, "foo"), strange = new(AccountStreams.Kind, "mallory");
        var right = (await documents.Get(state, CancellationToken.None))!;
        var row = await audit.Filed(Foo, CancellationToken.None).FirstAsync();
        await Found("crate-state of crate/foo: it is not what the log says", Write(state, right.Version, "{}"u8.ToArray(), isFollowed: true));
        await Found("crate-state of crate/foo: whoever follows such documents does not hear of it as they should", Write(state, right.Version, right.Body, isFollowed: false));
        await Found("index of crate/foo: it is at version 7, at which the log ends no commit", Write(index, 3, "{}"u8.ToArray(), isFollowed: false, version: 7));
        await Found("account of account/mallory: the log has no such stream", Write(strange, 0, right.Body, isFollowed: true, version: 1));
        await Found("audit of crate/foo: the row of version 1 is missing or not what the log says", audit.Put(Foo, [row.Row with { Client = "another" }], CancellationToken.None));
        await Found("audit of crate/foo: there are 4 rows for the 3 facts of the log", audit.Put(Foo, [row.Row with { Version = 4, At = at.AddDays(1) }], CancellationToken.None));
        await Found("audit of crate/foo: it lacks what the log has from version 3 on", audit.Delete(Foo, [new(at, Foo, 3)], CancellationToken.None));
        await Found("audit of crate/bar: the log has no such stream", audit.Put(StreamName.Parse("crate/bar"), [row.Row with { Stream = StreamName.Parse("crate/bar") }], CancellationToken.None));

        Task Write(DocumentKey key, long expected, ReadOnlyMemory<byte> body, bool isFollowed, long? version = null) =>
            documents.Put(key, new(version ?? expected, body) { IsFollowed = isFollowed }, expected, CancellationToken.None);

        async Task Found(string problem, Task edit)
        {
            await edit;
            Assert.Equal([problem], await Problems());
            await Rebuild();
            Assert.Empty(await Problems());
        }

        async Task Rebuild()
        {
            await Task.WhenAll(all.Of(Foo).Select(projector => projector.Rebuild(Foo, CancellationToken.None)));
            await Verifier().RemoveStrange(CancellationToken.None);
        }

        ReadModelVerifier Verifier() => new(events, documents, audit, (_, _) => Task.FromResult(false));

        async Task<IEnumerable<string>> Problems() => (await Verifier().Verify(2, new HashSet<string>(), (_, _) => { }, CancellationToken.None)).Problems
            .Select(found => $"{found.Subject}: {found.Problem}");
    }
}
