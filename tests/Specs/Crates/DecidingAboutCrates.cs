using Raktar.Domain;
using Raktar.Domain.Accounts;
using Raktar.Domain.Crates;
using static Raktar.Specs.Scenario;

namespace Raktar.Specs.Crates;

public sealed class DecidingAboutCrates
{
    private static readonly Login Ann = Login.Parse("ann");
    private static readonly Login Bob = Login.Parse("bob");
    private static readonly TeamName Platform = TeamName.Parse("platform");
    private static readonly Requester ByAnn = Requester.Of(Ann);
    private static readonly Requester ByBob = Requester.Of(Bob);
    private static readonly Requester ByAdmin = new(Bob, [], IsAdmin: true);
    private static readonly Requester ByTeamMember = new(Bob, [Platform]);
    private static readonly Requester ByRun = new(Login.TrustedPublisher, []) { TrustedBy = [new(CrateName.Parse("foo_bar"), 1)] };
    private static readonly CrateName Foo = CrateName.Parse("Foo-Bar");
    private static readonly SemVersion V1 = SemVersion.Parse("1.0.0+linux");
    private static readonly SemVersion V2 = SemVersion.Parse("2.0.0");
    private static readonly CrateEvent[] AnnsCrate = [new CrateCreated(Foo, Ann), Published(V1, Ann)];

    [Fact]
    public void A_crate_that_says_too_much_of_itself_gets_no_new_version_until_some_are_deleted()
    {
        var refusal = new CrateTooLarge(Foo, 1000, 1000);
        var full = GivenCrate(AnnsCrate);
        Crate Weighed(Crate crate) => crate.Weigh(V1, 1000);
        full.When(crate => CrateDecider.Publish(Weighed(crate), Foo, Published(V2, Ann), ByAnn, mostBytes: 1000)).ThenRefused(refusal);
        full.When(crate => CrateDecider.Publish(Weighed(crate), Foo, Published(V2, Ann), ByAnn, mostBytes: 1001)).Then(Published(V2, Ann));
        // What is there already is no new version.
        full.When(crate => CrateDecider.Publish(Weighed(crate), Foo, Published(V1, Ann), ByAnn, mostBytes: 1000)).ThenNothing();

        var deleted = GivenCrate([.. AnnsCrate, new VersionDeleted(V1, "why", Examples.Noon)]);
        deleted.When(crate => CrateDecider.Publish(Weighed(crate), Foo, Published(V2, Ann), ByAnn, mostBytes: 1000)).Then(Published(V2, Ann));
        GivenCrate([.. AnnsCrate, Published(V2, Ann), new VersionDeleted(V1, "why", Examples.Noon)])
            .When(crate => CrateDecider.Restore(crate.Weigh(V1, 1).Weigh(V2, 1000), Foo, V1, Examples.Noon, ByAdmin, mostBytes: 1000))
            .ThenRefused(refusal);
    }

    [Fact]
    public void The_first_publish_creates_the_crate_and_makes_its_publisher_the_owner() => GivenCrate()
        .When(crate => CrateDecider.Publish(crate, Foo, Published(V1, Ann), ByAnn))
        .Then(new CrateCreated(Foo, Ann), Published(V1, Ann));

    [Fact]
    public void The_owner_publishes_another_version() => GivenCrate(AnnsCrate)
        .When(crate => CrateDecider.Publish(crate, Foo, Published(V2, Ann), ByAnn))
        .Then(Published(V2, Ann));

    [Fact]
    public void A_stranger_publishes_nothing() => GivenCrate(AnnsCrate)
        .When(crate => CrateDecider.Publish(crate, Foo, Published(V2, Bob), ByBob))
        .ThenRefused(new NotAnOwner(Foo));

    [Theory]
    [InlineData("foo-bar")]
    [InlineData("Foo_Bar")]
    [InlineData("FOO-BAR")]
    public void Another_spelling_of_the_name_is_taken(string spelling) => GivenCrate(AnnsCrate)
        .When(crate => CrateDecider.Publish(crate, CrateName.Parse(spelling), Published(V2, Ann), ByAnn))
        .ThenRefused(new NameTaken(Foo));

    [Fact]
    public void The_same_bytes_again_are_the_same_intent() => GivenCrate(AnnsCrate)
        .When(crate => CrateDecider.Publish(crate, Foo, Published(V1, Ann), ByAnn))
        .ThenNothing();

    [Fact]
    public void Other_bytes_for_a_version_are_refused() => GivenCrate(AnnsCrate)
        .When(crate => CrateDecider.Publish(crate, Foo, Published(V1, Ann, "other bytes"), ByAnn))
        .ThenRefused(new AlreadyPublished(Foo, V1));

    [Fact]
    public void The_same_bytes_by_another_owner_are_refused() => GivenCrate([.. AnnsCrate, new OwnerAdded(Owner.Of(Bob))])
        .When(crate => CrateDecider.Publish(crate, Foo, Published(V1, Bob), ByBob))
        .ThenRefused(new AlreadyPublished(Foo, V1));

    [Fact]
    public void A_version_that_differs_only_in_build_metadata_is_the_same_version()
    {
        var windows = SemVersion.Parse("1.0.0+windows");
        GivenCrate(AnnsCrate)
            .When(crate => CrateDecider.Publish(crate, Foo, Published(windows, Ann), ByAnn))
            .ThenRefused(new AlreadyPublished(Foo, windows));
    }

    [Fact]
    public void A_yanked_version_is_still_taken_even_for_the_same_bytes() => GivenCrate([.. AnnsCrate, new VersionYanked(V1, Reason: null)])
        .When(crate => CrateDecider.Publish(crate, Foo, Published(V1, Ann), ByAnn))
        .ThenRefused(new AlreadyPublished(Foo, V1));

    [Fact]
    public void The_owner_yanks_with_a_reason() => GivenCrate(AnnsCrate)
        .When(crate => CrateDecider.Yank(crate, Foo, V1, "unsound", ByAnn))
        .Then(new VersionYanked(V1, "unsound"));

    [Fact]
    public void Yanking_twice_records_nothing_new() => GivenCrate([.. AnnsCrate, new VersionYanked(V1, "unsound")])
        .When(crate => CrateDecider.Yank(crate, Foo, V1, "other reason", ByAnn))
        .ThenNothing();

    [Fact]
    public void A_stranger_yanks_nothing() => GivenCrate(AnnsCrate)
        .When(crate => CrateDecider.Yank(crate, Foo, V1, reason: null, ByBob))
        .ThenRefused(new NotAnOwner(Foo));

    [Fact]
    public void An_administrator_yanks_any_crate() => GivenCrate(AnnsCrate)
        .When(crate => CrateDecider.Yank(crate, Foo, V1, reason: null, ByAdmin))
        .Then(new VersionYanked(V1, Reason: null));

    [Fact]
    public void The_build_metadata_of_a_yank_must_be_the_published_one() => GivenCrate(AnnsCrate)
        .When(crate => CrateDecider.Yank(crate, Foo, SemVersion.Parse("1.0.0"), reason: null, ByAnn))
        .ThenRefused(new NoSuchVersion("Foo-Bar", "1.0.0"));

    [Fact]
    public void A_yank_is_taken_back() => GivenCrate([.. AnnsCrate, new VersionYanked(V1, Reason: null)])
        .When(crate => CrateDecider.Unyank(crate, Foo, V1, ByAnn))
        .Then(new VersionUnyanked(V1));

    [Fact]
    public void Unyanking_what_is_not_yanked_records_nothing() => GivenCrate(AnnsCrate)
        .When(crate => CrateDecider.Unyank(crate, Foo, V1, ByAnn))
        .ThenNothing();

    [Fact]
    public void Owners_and_administrators_advise_against_a_crate_and_take_it_back()
    {
        foreach (var by in (Requester[])[ByAnn, ByAdmin])
        {
            var (advice, deprecated) = (new Deprecation(CrateName.Parse("baz"), "it is slow"), new CrateDeprecated(CrateName.Parse("baz"), "it is slow"));
            GivenCrate(AnnsCrate).When(crate => CrateDecider.Deprecate(crate, Foo, advice, by)).Then(deprecated);
            GivenCrate([.. AnnsCrate, deprecated]).When(crate => CrateDecider.Deprecate(crate, Foo, advice, by)).ThenNothing();
            GivenCrate([.. AnnsCrate, deprecated]).When(crate => CrateDecider.Deprecate(crate, Foo, new(null, null), by)).Then(new CrateDeprecated(null, null));
            GivenCrate([.. AnnsCrate, deprecated]).When(crate => CrateDecider.Undeprecate(crate, Foo, by)).Then(new CrateUndeprecated());
            GivenCrate(AnnsCrate).When(crate => CrateDecider.Undeprecate(crate, Foo, by)).ThenNothing();
        }
    }

    [Fact]
    public void Nobody_else_does_and_no_crate_follows_itself()
    {
        GivenCrate(AnnsCrate).When(crate => CrateDecider.Deprecate(crate, Foo, new(null, null), ByBob)).ThenRefused(new NotAnOwner(Foo));
        GivenCrate(AnnsCrate).When(crate => CrateDecider.Undeprecate(crate, Foo, ByBob)).ThenRefused(new NotAnOwner(Foo));
        GivenCrate([.. AnnsCrate, new VisibilityChanged(Restricted: true, [])])
            .When(crate => CrateDecider.Deprecate(crate, Foo, new(null, null), ByBob)).ThenRefused(new NoSuchCrate("Foo-Bar"));
        GivenCrate().When(crate => CrateDecider.Deprecate(crate, Foo, new(null, null), ByAdmin)).ThenRefused(new NoSuchCrate("Foo-Bar"));
        GivenCrate(AnnsCrate).When(crate => CrateDecider.Deprecate(crate, Foo, new(CrateName.Parse("foo_bar"), null), ByAnn))
            .ThenRefused(new InvalidInput("`Foo-Bar` cannot be its own successor"));
    }

    [Fact]
    public void Nothing_can_be_yanked_from_a_crate_that_does_not_exist() => GivenCrate()
        .When(crate => CrateDecider.Yank(crate, Foo, V1, reason: null, ByAdmin))
        .ThenRefused(new NoSuchCrate("Foo-Bar"));

    [Fact]
    public void An_owner_adds_another_even_if_named_twice() => GivenCrate(AnnsCrate)
        .When(crate => CrateDecider.AddOwners(crate, Foo, [Owner.Of(Bob), Owner.Of(Bob)], ByAnn))
        .Then(new OwnerAdded(Owner.Of(Bob)));

    [Fact]
    public void Who_owns_it_already_cannot_be_added() => GivenCrate(AnnsCrate)
        .When(crate => CrateDecider.AddOwners(crate, Foo, [Owner.Of(Bob), Owner.Of(Ann)], ByAnn))
        .ThenRefused(new AlreadyAnOwner(Owner.Of(Ann)));

    [Fact]
    public void The_last_owner_stays() => GivenCrate(AnnsCrate)
        .When(crate => CrateDecider.RemoveOwners(crate, Foo, [Owner.Of(Ann), Owner.Of(Ann)], ByAnn))
        .ThenRefused(new LastOwner(Foo));

    [Fact]
    public void All_owners_at_once_cannot_leave() => GivenCrate([.. AnnsCrate, new OwnerAdded(Owner.Of(Bob))])
        .When(crate => CrateDecider.RemoveOwners(crate, Foo, [Owner.Of(Ann), Owner.Of(Bob)], ByAnn))
        .ThenRefused(new LastOwner(Foo));

    [Fact]
    public void An_owner_is_removed() => GivenCrate([.. AnnsCrate, new OwnerAdded(Owner.Of(Bob))])
        .When(crate => CrateDecider.RemoveOwners(crate, Foo, [Owner.Of(Ann)], ByAdmin))
        .Then(new OwnerRemoved(Owner.Of(Ann)));

    [Fact]
    public void Who_is_no_owner_cannot_be_removed() => GivenCrate([.. AnnsCrate, new OwnerAdded(Owner.Of(Bob))])
        .When(crate => CrateDecider.RemoveOwners(crate, Foo, [Owner.Of(Login.Parse("eve"))], ByAnn))
        .ThenRefused(new NotListedAsOwner("eve"));

    [Fact]
    public void A_member_of_an_owning_team_publishes_and_yanks()
    {
        var crate = GivenCrate([.. AnnsCrate, new OwnerAdded(Owner.Of(Platform))]);
        crate.When(c => CrateDecider.Publish(c, Foo, Published(V2, Bob), ByTeamMember)).Then(Published(V2, Bob));
        crate.When(c => CrateDecider.Yank(c, Foo, V1, reason: null, ByTeamMember)).Then(new VersionYanked(V1, Reason: null));
    }

    [Fact]
    public void A_member_of_an_owning_team_manages_nothing()
    {
        var crate = GivenCrate([.. AnnsCrate, new OwnerAdded(Owner.Of(Platform))]);
        crate.When(c => CrateDecider.AddOwners(c, Foo, [Owner.Of(Bob)], ByTeamMember)).ThenRefused(new TeamsCannotManage(Foo));
        crate.When(c => CrateDecider.ChangeVisibility(c, Foo, restricted: true, [], ByTeamMember)).ThenRefused(new TeamsCannotManage(Foo));
    }

    [Fact]
    public void A_team_is_not_enough_to_own_a_crate() => GivenCrate([.. AnnsCrate, new OwnerAdded(Owner.Of(Platform))])
        .When(crate => CrateDecider.RemoveOwners(crate, Foo, [Owner.Of(Ann)], ByAnn))
        .ThenRefused(new LastOwner(Foo));

    [Fact]
    public void An_owner_restricts_the_crate_to_teams_and_opens_it_again()
    {
        GivenCrate(AnnsCrate)
            .When(crate => CrateDecider.ChangeVisibility(crate, Foo, restricted: true, [Platform, Platform], ByAnn))
            .Then(new VisibilityChanged(Restricted: true, [Platform]));
        GivenCrate([.. AnnsCrate, new VisibilityChanged(Restricted: true, [Platform])])
            .When(crate => CrateDecider.ChangeVisibility(crate, Foo, restricted: false, [], ByAnn))
            .Then(new VisibilityChanged(Restricted: false, []));
    }

    [Fact]
    public void Whoever_may_not_see_a_crate_learns_nothing_of_it() => GivenCrate([.. AnnsCrate, new VisibilityChanged(Restricted: true, [])])
        .When(crate => CrateDecider.Yank(crate, Foo, V1, reason: null, ByBob))
        .ThenRefused(new NoSuchCrate("Foo-Bar"));

    [Fact]
    public void A_restricted_crate_is_seen_by_owners_readers_and_administrators()
    {
        var crate = GivenCrate([.. AnnsCrate, new VisibilityChanged(Restricted: true, [Platform])]).State;
        Assert.Equal(
            [true, true, true, false, false],
            ((Requester?[])[ByAnn, ByTeamMember, ByAdmin, ByBob, null]).Select(crate.IsVisibleTo));
    }

    [Fact]
    public void A_trusted_run_publishes_versions_and_creates_no_crate()
    {
        var version = Published(V2, Login.TrustedPublisher);
        var added = new TrustedPublisherAdded(1, "https://ci.example.com", [new("sub", "foo")]);
        GivenCrate([.. AnnsCrate, added]).When(crate => CrateDecider.Publish(crate, Foo, version, ByRun)).Then(version);
        GivenCrate().When(crate => CrateDecider.Publish(crate, Foo, version, ByRun)).ThenRefused(new NoSuchCrate("Foo-Bar"));
    }

    [Fact]
    public void A_crate_for_trusted_runs_only_takes_nothing_from_its_owners() => GivenCrate([.. AnnsCrate, new TrustedOnlyChanged(Only: true)])
        .When(crate => CrateDecider.Publish(crate, Foo, Published(V2, Ann), ByAnn))
        .ThenRefused(new TrustedPublishersOnly(Foo));

    [Fact]
    public void The_number_of_a_deleted_version_is_never_free_again()
    {
        var crate = GivenCrate([.. AnnsCrate, new VersionDeleted(V1, "secret inside", Examples.Noon)]);
        crate.When(c => CrateDecider.Publish(c, Foo, Published(V1, Ann), ByAnn)).ThenRefused(new VersionIsDeleted(Foo, V1));
        crate.When(c => CrateDecider.Yank(c, Foo, V1, reason: null, ByAnn)).ThenRefused(new NoSuchVersion("Foo-Bar", "1.0.0+linux"));
    }

    [Fact]
    public void An_administrator_deletes_a_version_once() => GivenCrate(AnnsCrate)
        .When(crate => CrateDecider.Delete(crate, Foo, V1, "a secret was in it", Examples.Noon, ByAdmin))
        .Then(new VersionDeleted(V1, "a secret was in it", Examples.Noon));

    [Fact]
    public void Nobody_else_deletes_or_restores()
    {
        var refusal = new NotAllowed("only administrators delete and restore versions; an owner can yank");
        GivenCrate(AnnsCrate).When(crate => CrateDecider.Delete(crate, Foo, V1, "why", Examples.Noon, ByAnn)).ThenRefused(refusal);
        GivenCrate(AnnsCrate).When(crate => CrateDecider.Restore(crate, Foo, V1, Examples.Noon, ByAnn)).ThenRefused(refusal);
    }

    [Theory]
    [InlineData("1.0.0")]
    [InlineData("3.0.0")]
    public void What_was_never_published_is_not_deleted(string version) => GivenCrate(AnnsCrate)
        .When(crate => CrateDecider.Delete(crate, Foo, SemVersion.Parse(version), "why", Examples.Noon, ByAdmin))
        .ThenRefused(new NoSuchVersion("Foo-Bar", version));

    [Fact]
    public void A_deleted_version_comes_back_yanked_as_it_was_while_there_is_time()
    {
        var deleted = GivenCrate([.. AnnsCrate, new VersionYanked(V1, null), new VersionDeleted(V1, "why", Examples.Noon)]);
        deleted.When(crate => CrateDecider.Restore(crate, Foo, V1, Examples.Noon, ByAdmin)).Then(new VersionRestored(V1));
        Assert.True(deleted.State.Evolve(new VersionRestored(V1)).Versions[V1].IsYanked);
        deleted.When(crate => CrateDecider.Restore(crate, Foo, V1, Examples.Noon.AddTicks(1), ByAdmin)).ThenRefused(new DeletedForGood(Foo, V1, Examples.Noon));
        Assert.Equal(
            "crate version `Foo-Bar@1.0.0+linux` could be restored until 2026-11-22T12:00:00Z, and cannot any more",
            new DeletedForGood(Foo, V1, Examples.Noon).Sentence);
    }

    [Fact]
    public void Restoring_what_is_there_records_nothing() => GivenCrate(AnnsCrate)
        .When(crate => CrateDecider.Restore(crate, Foo, V1, Examples.Noon, ByAdmin))
        .ThenNothing();

    [Fact]
    public void A_new_crate_can_be_restricted_before_anybody_sees_it()
    {
        GivenCrate().When(crate => CrateDecider.Publish(crate, Foo, Published(V1, Ann), ByAnn, isNewRestricted: true))
            .Then(new CrateCreated(Foo, Ann), new VisibilityChanged(Restricted: true, []), Published(V1, Ann));
        GivenCrate(AnnsCrate).When(crate => CrateDecider.Publish(crate, Foo, Published(V2, Ann), ByAnn, isNewRestricted: true)).Then(Published(V2, Ann));
    }

    [Fact]
    public void A_crate_without_a_version_left_is_there_for_nobody_but_its_owners()
    {
        var gone = GivenCrate([.. AnnsCrate, new VersionDeleted(V1, "why", Examples.Noon)]);
        gone.When(crate => CrateDecider.Yank(crate, Foo, V1, reason: null, ByBob)).ThenRefused(new NoSuchCrate("Foo-Bar"));
        gone.When(crate => CrateDecider.ChangeVisibility(crate, Foo, restricted: true, [], ByBob)).ThenRefused(new NoSuchCrate("Foo-Bar"));
        gone.When(crate => CrateDecider.Publish(crate, Foo, Published(V2, Bob), ByBob)).ThenRefused(new NotAnOwner(Foo));
        gone.When(crate => CrateDecider.ChangeVisibility(crate, Foo, restricted: true, [], ByAnn)).Then(new VisibilityChanged(Restricted: true, []));
        gone.When(crate => CrateDecider.Publish(crate, Foo, Published(V2, Ann), ByAnn)).Then(Published(V2, Ann));
    }

    [Fact]
    public void When_nothing_is_left_of_a_name_its_owner_may_spell_it_anew()
    {
        var (anew, v3) = (CrateName.Parse("foo_bar"), SemVersion.Parse("3.0.0"));
        CrateEvent[] gone = [.. AnnsCrate, Published(V2, Ann), new VersionDeleted(V1, "why", Examples.Noon), new VersionDeleted(V2, "why", Examples.Noon)];
        GivenCrate(gone).When(crate => CrateDecider.Publish(crate, anew, Published(v3, Ann), ByAnn)).Then(new CrateRespelled(anew), Published(v3, Ann));
        GivenCrate(gone).When(crate => CrateDecider.Publish(crate, anew, Published(V2, Ann), ByAnn)).ThenRefused(new VersionIsDeleted(Foo, V2));
        GivenCrate([.. gone, new TrustedPublisherAdded(1, "https://ci.example.com", [new("sub", "foo")])])
            .When(crate => CrateDecider.Publish(crate, anew, Published(v3, Login.TrustedPublisher), ByRun)).ThenRefused(new NameTaken(Foo));
        GivenCrate([.. gone, new OwnerAdded(Owner.Of(Platform))])
            .When(crate => CrateDecider.Publish(crate, anew, Published(v3, Bob), ByTeamMember)).ThenRefused(new NameTaken(Foo));
        GivenCrate(gone).When(crate => CrateDecider.Publish(crate, anew, Published(v3, Bob), ByBob)).ThenRefused(new NotAnOwner(anew));

        // An administrator becomes an owner by it, for everybody to see.
        GivenCrate(gone).When(crate => CrateDecider.Publish(crate, anew, Published(v3, Bob), ByAdmin))
            .Then(new CrateRespelled(anew), new OwnerAdded(Owner.Of(Bob)), Published(v3, Bob));

        var after = GivenCrate([.. gone, new CrateRespelled(anew), Published(v3, Ann)]);
        after.When(crate => CrateDecider.Publish(crate, Foo, Published(SemVersion.Parse("4.0.0"), Ann), ByAnn)).ThenRefused(new NameTaken(anew));
        after.When(crate => CrateDecider.Publish(crate, anew, Published(V1, Ann), ByAnn)).ThenRefused(new VersionIsDeleted(anew, V1));
        after.When(crate => CrateDecider.Restore(crate, anew, V1, Examples.Noon, ByAdmin)).ThenRefused(new OfFormerSpelling(anew, V1));
    }

    private static VersionPublished Published(SemVersion version, Login by, string bytes = "bytes") =>
        new(version, Checksum.Of(System.Text.Encoding.UTF8.GetBytes(bytes)), bytes.Length, by, new Package { Description = "about" });
}
