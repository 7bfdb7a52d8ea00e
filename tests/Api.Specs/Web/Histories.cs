using Raktar.Api.Web.Crates.Parts;
using Raktar.Application.Crates.TimeMachine;
using Raktar.Application.Log;
using Raktar.Domain;
using Raktar.Domain.Accounts;
using Raktar.Domain.Crates;

namespace Raktar.Api.Specs.Web;

/// <summary>Facts about crates in words.</summary>
public sealed class Histories
{
    private static readonly SemVersion One = SemVersion.Parse("1.0.0");
    private static readonly TrustedPublisherAdded Trusted = new(2, "https://ci.example", [new("repository", "octo/x"), new("ref", "refs/tags/*")]);

    private static readonly (CrateEvent Fact, string Words)[] All =
    [
        (new CrateCreated(CrateName.Parse("Foo"), Login.Parse("ann")), "created the crate Foo"),
        (new VersionPublished(One, Checksum.Zero, 12_345, Login.Parse("ann"), new()), "published 1.0.0 (12 KB)"),
        (new VersionYanked(One, null), "yanked 1.0.0"),
        (new VersionYanked(One, "it burns"), "yanked 1.0.0: it burns"),
        (new VersionUnyanked(One), "unyanked 1.0.0"),
        (new VersionDeleted(One, "a secret", default), "deleted 1.0.0: a secret"),
        (new CrateRespelled(CrateName.Parse("foo")), "changed the spelling of the name to foo"),
        (new VersionRestored(One), "restored 1.0.0"),
        (new OwnerAdded(Owner.Parse("team:platform")), "added the owner team:platform"),
        (new OwnerRemoved(Owner.Parse("bob")), "removed the owner bob"),
        (new VisibilityChanged(Restricted: false, []), "opened the crate to all readers"),
        (new VisibilityChanged(Restricted: true, []), "restricted the crate to its owners"),
        (new VisibilityChanged(Restricted: true, [TeamName.Parse("web"), TeamName.Parse("ops")]), "restricted the crate to its owners and team:web, team:ops"),
        (Trusted, "added the trusted publisher 2"),
        (new TrustedPublisherRemoved(2), "removed the trusted publisher 2"),
        (new TrustedOnlyChanged(Only: true), "let only trusted publishers publish"),
        (new TrustedOnlyChanged(Only: false), "let owners publish too"),
    ];

    [Fact]
    public void There_are_words_for_every_fact() => Assert.Equal(
        typeof(CrateEvent).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(CrateEvent))).ToHashSet(),
        All.Select(each => each.Fact.GetType()).ToHashSet());

    [Fact]
    public void The_words_follow_who_did_it() =>
        Assert.All(All, each => Assert.Equal(each.Words, HistoryWords.Of(Entry(each.Fact), isFull: false)));

    [Fact]
    public void Whom_a_crate_trusts_is_for_who_may_read_its_audit() => Assert.Equal(
        "added the trusted publisher 2: https://ci.example, repository octo/x, ref refs/tags/*", HistoryWords.Of(Entry(Trusted), isFull: true));

    [Theory]
    [InlineData(3, null, "cargo 1.95", "token 3, cargo 1.95")]
    [InlineData(null, "github octo/x run 7", "cargo 1.95", "github octo/x run 7, cargo 1.95")]
    [InlineData(null, null, null, "")]
    public void With_what_it_was_done(int? token, string? run, string? client, string words) => Assert.Equal(
        words, HistoryWords.With(new(default, new(Login.Parse("ann"), token, client, run), new VersionUnyanked(One))));

    private static HistoryEntry Entry(CrateEvent fact) => new(default, new Actor(Login.Parse("ann"), 1, Client: null), fact);
}
