using Raktar.Domain;
using Raktar.Domain.Accounts;
using Raktar.Domain.Crates;
using static Raktar.Specs.Scenario;

namespace Raktar.Specs.Crates;

public sealed class DecidingAboutCrates
{
    private static readonly Login Ann = Login.Parse("ann");
    private static readonly Login Bob = Login.Parse("bob");
    private static readonly CrateName Foo = CrateName.Parse("Foo-Bar");
    private static readonly SemVersion V1 = SemVersion.Parse("1.0.0+linux");
    private static readonly SemVersion V2 = SemVersion.Parse("2.0.0");
    private static readonly CrateEvent[] AnnsCrate = [new CrateCreated(Foo, Ann), Published(V1, Ann)];

    [Fact]
    public void The_first_publish_creates_the_crate_and_makes_its_publisher_the_owner() => GivenCrate()
        .When(crate => CrateDecider.Publish(crate, Foo, Published(V1, Ann)))
        .Then(new CrateCreated(Foo, Ann), Published(V1, Ann));

    [Fact]
    public void The_owner_publishes_another_version() => GivenCrate(AnnsCrate)
        .When(crate => CrateDecider.Publish(crate, Foo, Published(V2, Ann)))
        .Then(Published(V2, Ann));

    [Fact]
    public void A_stranger_publishes_nothing() => GivenCrate(AnnsCrate)
        .When(crate => CrateDecider.Publish(crate, Foo, Published(V2, Bob)))
        .ThenRefused(new NotAnOwner(Foo));

    [Theory]
    [InlineData("foo-bar")]
    [InlineData("Foo_Bar")]
    [InlineData("FOO-BAR")]
    public void Another_spelling_of_the_name_is_taken(string spelling) => GivenCrate(AnnsCrate)
        .When(crate => CrateDecider.Publish(crate, CrateName.Parse(spelling), Published(V2, Ann)))
        .ThenRefused(new NameTaken(Foo));

    [Fact]
    public void The_same_bytes_again_are_the_same_intent() => GivenCrate(AnnsCrate)
        .When(crate => CrateDecider.Publish(crate, Foo, Published(V1, Ann)))
        .ThenNothing();

    [Fact]
    public void Other_bytes_for_a_version_are_refused() => GivenCrate(AnnsCrate)
        .When(crate => CrateDecider.Publish(crate, Foo, Published(V1, Ann, "other bytes")))
        .ThenRefused(new AlreadyPublished(Foo, V1));

    [Fact]
    public void The_same_bytes_by_another_owner_are_refused() => GivenCrate([.. AnnsCrate, new OwnerAdded(Bob)])
        .When(crate => CrateDecider.Publish(crate, Foo, Published(V1, Bob)))
        .ThenRefused(new AlreadyPublished(Foo, V1));

    [Fact]
    public void A_version_that_differs_only_in_build_metadata_is_the_same_version()
    {
        var windows = SemVersion.Parse("1.0.0+windows");
        GivenCrate(AnnsCrate)
            .When(crate => CrateDecider.Publish(crate, Foo, Published(windows, Ann)))
            .ThenRefused(new AlreadyPublished(Foo, windows));
    }

    [Fact]
    public void A_yanked_version_is_still_taken_even_for_the_same_bytes() => GivenCrate([.. AnnsCrate, new VersionYanked(V1, Reason: null)])
        .When(crate => CrateDecider.Publish(crate, Foo, Published(V1, Ann)))
        .ThenRefused(new AlreadyPublished(Foo, V1));

    [Fact]
    public void The_owner_yanks_with_a_reason() => GivenCrate(AnnsCrate)
        .When(crate => CrateDecider.Yank(crate, Foo, V1, "unsound", Ann, asAdmin: false))
        .Then(new VersionYanked(V1, "unsound"));

    [Fact]
    public void Yanking_twice_records_nothing_new() => GivenCrate([.. AnnsCrate, new VersionYanked(V1, "unsound")])
        .When(crate => CrateDecider.Yank(crate, Foo, V1, "other reason", Ann, asAdmin: false))
        .ThenNothing();

    [Fact]
    public void A_stranger_yanks_nothing() => GivenCrate(AnnsCrate)
        .When(crate => CrateDecider.Yank(crate, Foo, V1, reason: null, Bob, asAdmin: false))
        .ThenRefused(new NotAnOwner(Foo));

    [Fact]
    public void An_administrator_yanks_any_crate() => GivenCrate(AnnsCrate)
        .When(crate => CrateDecider.Yank(crate, Foo, V1, reason: null, Bob, asAdmin: true))
        .Then(new VersionYanked(V1, Reason: null));

    [Fact]
    public void The_build_metadata_of_a_yank_must_be_the_published_one() => GivenCrate(AnnsCrate)
        .When(crate => CrateDecider.Yank(crate, Foo, SemVersion.Parse("1.0.0"), reason: null, Ann, asAdmin: false))
        .ThenRefused(new NoSuchVersion("Foo-Bar", "1.0.0"));

    [Fact]
    public void A_yank_is_taken_back() => GivenCrate([.. AnnsCrate, new VersionYanked(V1, Reason: null)])
        .When(crate => CrateDecider.Unyank(crate, Foo, V1, Ann, asAdmin: false))
        .Then(new VersionUnyanked(V1));

    [Fact]
    public void Unyanking_what_is_not_yanked_records_nothing() => GivenCrate(AnnsCrate)
        .When(crate => CrateDecider.Unyank(crate, Foo, V1, Ann, asAdmin: false))
        .ThenNothing();

    [Fact]
    public void Nothing_can_be_yanked_from_a_crate_that_does_not_exist() => GivenCrate()
        .When(crate => CrateDecider.Yank(crate, Foo, V1, reason: null, Ann, asAdmin: true))
        .ThenRefused(new NoSuchCrate("Foo-Bar"));

    [Fact]
    public void An_owner_adds_another_even_if_named_twice() => GivenCrate(AnnsCrate)
        .When(crate => CrateDecider.AddOwners(crate, Foo, [Bob, Bob], Ann, asAdmin: false))
        .Then(new OwnerAdded(Bob));

    [Fact]
    public void Who_owns_it_already_cannot_be_added() => GivenCrate(AnnsCrate)
        .When(crate => CrateDecider.AddOwners(crate, Foo, [Bob, Ann], Ann, asAdmin: false))
        .ThenRefused(new AlreadyAnOwner(Ann));

    [Fact]
    public void The_last_owner_stays() => GivenCrate(AnnsCrate)
        .When(crate => CrateDecider.RemoveOwners(crate, Foo, [Ann, Ann], Ann, asAdmin: false))
        .ThenRefused(new LastOwner(Foo));

    [Fact]
    public void All_owners_at_once_cannot_leave() => GivenCrate([.. AnnsCrate, new OwnerAdded(Bob)])
        .When(crate => CrateDecider.RemoveOwners(crate, Foo, [Ann, Bob], Ann, asAdmin: false))
        .ThenRefused(new LastOwner(Foo));

    [Fact]
    public void An_owner_is_removed() => GivenCrate([.. AnnsCrate, new OwnerAdded(Bob)])
        .When(crate => CrateDecider.RemoveOwners(crate, Foo, [Ann], Ann, asAdmin: true))
        .Then(new OwnerRemoved(Ann));

    [Fact]
    public void Who_is_no_owner_cannot_be_removed() => GivenCrate([.. AnnsCrate, new OwnerAdded(Bob)])
        .When(crate => CrateDecider.RemoveOwners(crate, Foo, [Login.Parse("eve")], Ann, asAdmin: false))
        .ThenRefused(new NotListedAsOwner("eve"));

    private static VersionPublished Published(SemVersion version, Login by, string bytes = "bytes") =>
        new(version, Checksum.Of(System.Text.Encoding.UTF8.GetBytes(bytes)), bytes.Length, by, new Package { Description = "about" });
}
