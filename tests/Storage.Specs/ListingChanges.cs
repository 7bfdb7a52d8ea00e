using Raktar.Application.Crates.Changes;
using Raktar.Domain.Accounts;
using Raktar.Domain.Crates;
using Raktar.Storage.Embedded;

namespace Raktar.Storage.Specs;

public sealed class ListingChanges : IDisposable
{
    private static readonly DateTimeOffset Start = new(2026, 11, 20, 0, 0, 0, TimeSpan.Zero);

    private readonly TemporaryFolder _folder = new();
    private readonly EmbeddedStorage _storage;

    public ListingChanges() => _storage = EmbeddedStorage.Own(_folder.Path);

    [Fact]
    public async Task They_are_listed_in_the_order_of_time_after_the_one_instant_and_up_to_the_other()
    {
        var foo = new CrateLog(_storage.Events, _storage.Documents, CrateName.Parse("Foo-Bar"));
        var bar = new CrateLog(_storage.Events, _storage.Documents, CrateName.Parse("bar"));
        var version = SemVersion.Parse("1.0.0");
        await foo.Publish("1.0.0", Start);
        await bar.Publish("1.0.0", Start.AddHours(3));
        await foo.Append(new VersionYanked(version, "slow"), Start.AddHours(2));
        await foo.Append(new VersionUnyanked(version), Start.AddHours(4));
        await foo.Append(new OwnerAdded(Owner.Parse("team:platform")), Start.AddHours(5));
        await bar.Append(new OwnerRemoved(Owner.Parse("ann")), Start.AddHours(6));
        await bar.Append(new VisibilityChanged(Restricted: true, [TeamName.Parse("platform"), TeamName.Parse("qa")]), Start.AddHours(7));
        await bar.Append(new VisibilityChanged(Restricted: false, []), Start.AddHours(8));
        await bar.Append(new VersionDeleted(version, "a secret was in it", Start.AddDays(7)), Start.AddHours(9));
        await bar.Append(new VersionRestored(version), Start.AddHours(10));

        Assert.Equal(
            [
                "2 Foo-Bar version-yanked: yanked Foo-Bar 1.0.0: slow",
                "3 bar crate-created: created the crate bar, owned by admin",
                "3 bar version-published: published bar 1.0.0 (1 B)",
                "4 Foo-Bar version-unyanked: unyanked Foo-Bar 1.0.0",
                "5 Foo-Bar owner-added: made team:platform an owner of Foo-Bar",
                "6 bar owner-removed: removed ann from the owners of bar",
                "7 bar visibility-changed: restricted bar to its owners and team:platform, team:qa",
                "8 bar visibility-changed: opened bar to all readers",
                "9 bar version-deleted: deleted bar 1.0.0: a secret was in it",
            ],
            await Between(Start, Start.AddHours(9), null));
        Assert.Equal(["10 bar version-restored: restored bar 1.0.0"], await Between(Start.AddHours(9), Start.AddDays(9), null));
        Assert.Equal(
            ["0 Foo-Bar crate-created: created the crate Foo-Bar, owned by admin", "0 Foo-Bar version-published: published Foo-Bar 1.0.0 (1 B)"],
            await Between(Start.AddTicks(-1), Start, CrateName.Parse("foo_bar")));
        Assert.Empty(await Between(Start.AddDays(1), Start.AddDays(2), null));
        Assert.Empty(await Between(Start, Start.AddDays(1), CrateName.Parse("nothing")));
    }

    [Fact]
    public async Task Every_fact_about_a_crate_has_words()
    {
        var log = new CrateLog(_storage.Events, _storage.Documents, CrateName.Parse("foo"));
        await log.Publish("1.0.0", Start);
        await log.Append(new TrustedPublisherAdded(1, "https://ci.example.com", [new("repository", "octo/foo")]), Start);
        await log.Append(new TrustedOnlyChanged(Only: true), Start);
        await log.Append(new TrustedPublisherRemoved(1), Start);
        Assert.Equal(
            [
                "0 foo trusted-publisher-added: added the trusted publisher 1 of foo: https://ci.example.com, repository octo/foo",
                "0 foo trusted-only-changed: let only trusted publishers publish foo",
                "0 foo trusted-publisher-removed: removed the trusted publisher 1 of foo",
            ],
            (await Between(Start.AddTicks(-1), Start, null)).Skip(2));
    }

    public void Dispose()
    {
        _storage.Dispose();
        _folder.Dispose();
    }

    private async Task<IEnumerable<string>> Between(DateTimeOffset from, DateTimeOffset to, CrateName? crate)
    {
        var streams = 0;
        var changes = await new LogDiff(_storage.Events).Between(from, to, crate, 4, (_, all) => streams = all, CancellationToken.None);
        Assert.InRange(streams, 1, 2);
        Assert.All(changes, change => Assert.Equal("admin", change.Account));
        return changes.Select(change => $"{(change.At - Start).TotalHours} {change.Crate} {change.Kind}: {change.What}");
    }
}
