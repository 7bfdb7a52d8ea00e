using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Raktar.Application.Accounts;
using Raktar.Application.Accounts.TokenChanges;
using Raktar.Application.Audit;
using Raktar.Application.Crates.Changes;
using Raktar.Application.Crates.Views;
using Raktar.Application.Log;
using Raktar.Application.Ports;
using Raktar.Domain;
using Raktar.Domain.Accounts;
using Raktar.Domain.Crates;
using Raktar.Projections;
using Raktar.Storage.Embedded;

namespace Raktar.Storage.Specs;

/// <summary>The law of the read models: however the projections hear of the log, the documents end the same, byte for byte.</summary>
[Collection(OnLocalServers.Name)]
[Trait("Needs", "local-servers")]
public sealed class RebuildingEqualsLiving : IDisposable
{
    private static readonly Login[] Logins = [Login.Parse("ann"), Login.Parse("bob")];
    private static readonly Requester By = new(Logins[0], [], IsAdmin: true);
    private static readonly CrateName[] Names = [CrateName.Parse("Foo-Bar"), CrateName.Parse("baz")];
    private static readonly SemVersion[] Versions = [.. "1.0.0-rc.1 1.0.0+b 1.1.0 2.0.0 0.9.0".Split(' ').Select(SemVersion.Parse)];

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Any_order_and_any_repetition_of_notifications_ends_in_the_same_documents()
    {
        var run = 0;
        Check(25, numbers =>
        {
            var folder = Path.Combine(_folder.Path, $"{run++}");
            using var live = EmbeddedStorage.Own(folder);
            using var rebuilt = EmbeddedStorage.Own($"{folder}-rebuilt");
            return Holds(numbers, live.Events, (live.Documents, live.Audit), (rebuilt.Documents, rebuilt.Audit)).GetAwaiter().GetResult();
        });
    }

    [Fact]
    public async Task So_it_does_on_aws()
    {
        await using var aws = await AwsTables.Create();
        await using var other = await AwsTables.Create();
        var run = 0;
        Check(4, numbers => Holds(
            numbers, aws.Storage.Events, (aws.Storage.Documents, aws.Storage.Audit), (other.Storage.Documents, other.Storage.Audit), $"run{run++}").GetAwaiter().GetResult());
    }

    [Fact]
    public async Task A_rebuild_in_place_mends_what_is_wrong_and_leaves_the_rest()
    {
        await using var aws = await AwsTables.Create();
        var (events, documents, audit) = (aws.Storage.Events, aws.Storage.Documents, aws.Storage.Audit);
        var streams = new HashSet<StreamName>();
        for (var number = 0; number < 60; number++)
        {
            streams.Add(await Act(events, number * 7));
        }

        using var projectors = new Projectors(events, documents, audit);
        await Task.WhenAll(streams.SelectMany(stream => projectors.Of(stream).Select(p => p.CatchUp(stream, CancellationToken.None))));
        var live = await Dump(documents, audit, streams);
        var key = new DocumentKey(IndexFile.Kind, "baz");
        var version = (await documents.Get(key, CancellationToken.None))!.Version;
        await documents.Put(key, new Document(version, "forged"u8.ToArray()), version, CancellationToken.None);
        await documents.Put(new(CrateDetails.Kind, "baz"), new Document(version + 5, "ahead"u8.ToArray()), version, CancellationToken.None);
        // Of the audit: a row that is wrong, one that is missing, one that should not be there.
        var rows = await Rows(audit, StreamName.Parse("crate/baz"));
        await audit.Put(rows[0].Stream, [rows[0] with { Detail = "{}" }, rows[1] with { Version = rows[1].Version + 100 }], CancellationToken.None);
        await audit.Delete(rows[2].Stream, [rows[2].Place], CancellationToken.None);

        var changed = 0;
        foreach (var stream in streams)
        {
            foreach (var projector in projectors.Of(stream))
            {
                changed += await projector.Rebuild(stream, CancellationToken.None) ? 1 : 0;
            }
        }

        Assert.Equal(3, changed);
        Assert.Equal(live, await Dump(documents, audit, streams));
    }

    public void Dispose() => _folder.Dispose();

    private static void Check(int runs, Func<int[], bool> holds) => FsCheck.Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(runs),
        Prop.ForAll(Gen.Choose(0, 999).ArrayOf(40).ToArbitrary(), holds));

    private static async Task<bool> Holds(
        int[] numbers, IEventStore events, (IDocumentStore Documents, IAuditStore Audit) live, (IDocumentStore Documents, IAuditStore Audit) rebuilt, string prefix = "")
    {
        // Live: after each commit the projections hear of some streams, in an order and as often as the numbers say; some notifications are lost.
        var streams = new HashSet<StreamName>();
        using var projectors = new Projectors(events, live.Documents, live.Audit);
        foreach (var number in numbers.Prepend(1))
        {
            streams.Add(await Act(events, number, prefix));
            var hearing = streams.OrderBy(stream => (stream.ToString().Length * 7919 * (number + 1)) % 101).Take(number % 4).ToList();
            await Task.WhenAll(hearing.Concat(hearing).SelectMany(stream => projectors.Of(stream).Select(p => p.CatchUp(stream, CancellationToken.None))));
            if (number % 8 == 0)
            {
                // Some lag; nothing is wrong with them.
                Assert.All(await Compared(), comparison => Assert.Null(comparison.Problem));
            }
        }

        // The last notification of each stream may be lost too; the feed replays the log after a restart.
        await Task.WhenAll(streams.Reverse().SelectMany(stream => projectors.Of(stream).Select(p => p.CatchUp(stream, CancellationToken.None))));
        using var again = new Projectors(events, rebuilt.Documents, rebuilt.Audit);
        foreach (var stream in streams)
        {
            foreach (var projector in again.Of(stream))
            {
                await projector.CatchUp(stream, CancellationToken.None);
            }
        }

        Assert.All(await Compared(), comparison => Assert.Equal(default, comparison));
        var documents = await Dump(live.Documents, live.Audit, streams);
        Assert.Equal(documents, await Dump(rebuilt.Documents, rebuilt.Audit, streams));
        return documents.Count > 0;

        Task<Comparison[]> Compared() => Task.WhenAll(streams.SelectMany(stream => projectors.Of(stream)
            .Select(projector => projector.Compare(stream, CancellationToken.None))));
    }

    // Taken only when nothing is left of the crate.
    private static CrateName Spelled(CrateName name, int number) => number % 5 == 0 ? CrateName.Parse(name.Text.ToUpperInvariant()) : name;

    /// <summary>A command chosen by the number, decided as the program decides it, appended when it says something.</summary>
    internal static async Task<StreamName> Act(IEventStore events, int number, string prefix = "")
    {
        var (name, version, login) = (CrateName.Parse(prefix + Names[number % 2].Text), Versions[number / 2 % 5], Login.Parse(prefix + Logins[number / 10 % 2].Text));
        var stream = number % 11 == 0 ? StreamName.Of(login) : StreamName.Of(name);
        var (crate, account, head) = (Crate.Unpublished, Account.Unregistered, StreamHead.Start(stream));
        await foreach (var recorded in events.Read(stream, 0, CancellationToken.None))
        {
            head = recorded.Head;
            foreach (var fact in recorded.Commit.Events)
            {
                crate = fact is CrateEvent c ? crate.Evolve(c) : crate;
                account = fact is AccountEvent a ? account.Evolve(a) : account;
            }
        }

        var decision = number % 11 == 0
            ? account.Login is null || number % 3 == 0 ? AccountDecider.Put(account, login, (Role)(number % 4))
                : number % 7 == 0 ? AccountDecider.Disable(account, login, $"reason {number}", Login.Admin)
                : number % 7 == 1 ? AccountDecider.Enable(account, login, reason: null)
                : number % 7 == 2 ? AccountDecider.EndSessions(account, login)
                : AccountDecider.IssueToken(
                    account,
                    login,
                    new("t", Checksum.Of(Encoding.ASCII.GetBytes($"{number}")), [TokenScope.Read], [CratePattern.All], ExpiresAt: null),
                    DateTimeOffset.UnixEpoch.AddDays(number))
            : (number / 20 % 11) switch
            {
                0 or 1 => CrateDecider.Publish(crate, Spelled(name, number), Published(number, version), By, isNewRestricted: number % 3 == 0),
                2 => CrateDecider.Yank(crate, name, version, $"reason {number}", By),
                3 => CrateDecider.Unyank(crate, name, version, By),
                7 => CrateDecider.Delete(crate, name, version, $"reason {number}", DateTimeOffset.UnixEpoch.AddDays(number + 7), By),
                8 => CrateDecider.Restore(crate, name, version, DateTimeOffset.UnixEpoch.AddDays(number), By),
                9 => CrateDecider.Deprecate(crate, name, new(number % 3 == 0 ? CrateName.Parse("other") : null, $"reason {number}"), By),
                10 => CrateDecider.Undeprecate(crate, name, By),
                6 => CrateDecider.ChangeVisibility(crate, name, restricted: number % 3 != 0, [], By),
                4 => CrateDecider.AddOwners(crate, name, [Owner.Of(login)], By),
                _ => CrateDecider.RemoveOwners(crate, name, [Owner.Of(login)], By),
            };
        if (decision.Events.Count > 0)
        {
            var stamp = new Stamp(new Actor(login, 1, null), $"r{number}", DateTimeOffset.UnixEpoch.AddDays(number).AddMilliseconds(number));
            await events.Append(NewCommit.After(head, decision.Events, stamp), CancellationToken.None);
        }

        return stream;
    }

    private static VersionPublished Published(int number, SemVersion version) => new(
        version,
        Checksum.Of(Encoding.ASCII.GetBytes($"{number}")),
        number,
        Logins[0],
        new Package
        {
            Description = $"about {number} <&>\u00e9",
            Keywords = ["k"],
            // Some of so many bytes that documents are cut into runs.
            Features = number % 2 == 0 ? [new("a", ["dep:x"]), new("b", ["a"])]
                : number % 3 == 0 ? Enumerable.Range(0, 2000).Select(i => new Feature($"b{i}", [$"of-number-{number}"])).ToValueList()
                : [new("b", [])],
            Dependencies = [new Dependency { Name = "x", Req = "^1", Optional = true }],
        });

    private static async Task<Dictionary<string, string>> Dump(IDocumentStore documents, IAuditStore audit, IEnumerable<StreamName> streams)
    {
        var all = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var kind in Projectors.Kinds.Keys)
        {
            foreach (var stream in streams)
            {
                if (await documents.Get(new(kind, stream.Key), CancellationToken.None) is { } document)
                {
                    all[$"{kind}/{stream.Key}@{document.Version}"] = Convert.ToHexString(document.Body.Span) + string.Concat(document.Parts.Select(part => $"|{Convert.ToHexString(part.Bytes.Span)}"));
                }
            }
        }

        foreach (var stream in streams)
        {
            foreach (var row in await Rows(audit, stream))
            {
                all[$"audit {row.Place}"] = Encoding.UTF8.GetString(row.ToBytes());
            }
        }

        return all;
    }

    private static async Task<IReadOnlyList<AuditRow>> Rows(IAuditStore audit, StreamName stream) =>
        (await audit.Read(new(AuditIndex.Stream, stream.ToString()), AuditPlace.Oldest, AuditPlace.Newest, 1000, CancellationToken.None)).Rows;
}
