using Raktar.Application.Audit;
using Raktar.Application.Crates.TimeMachine;
using Raktar.Application.Log;
using Raktar.Domain;
using Raktar.Domain.Accounts;
using Raktar.Domain.Ci;
using Raktar.Domain.Crates;

namespace Raktar.Specs.Events;

/// <summary>Facts in words that follow who did it; the words of every example are in <see cref="AuditedFacts"/>.</summary>
public sealed class FactsInWords
{
    private static readonly SemVersion One = SemVersion.Parse("1.0.0");
    private static readonly TrustedPublisherAdded Trusted = new(2, "https://ci.example", [new("repository", "octo/x"), new("ref", "refs/tags/*")]);

    private static readonly (DomainEvent Fact, string Words)[] All =
    [
        (new CrateCreated(CrateName.Parse("Foo"), Login.Parse("ann")), "created the crate Foo, owned by ann"),
        (new VersionPublished(One, Checksum.Zero, 12_345, Login.Parse("ann"), new()), "published foo 1.0.0 (12 KB)"),
        (new VersionYanked(One, null), "yanked foo 1.0.0"),
        (new VersionYanked(One, "it burns"), "yanked foo 1.0.0: it burns"),
        (new VersionUnyanked(One), "unyanked foo 1.0.0"),
        (new VersionDeleted(One, "a secret", default), "deleted foo 1.0.0: a secret"),
        (new CrateRespelled(CrateName.Parse("foo")), "changed the crate's spelling to foo"),
        (new VersionRestored(One), "restored foo 1.0.0"),
        (new OwnerAdded(Owner.Parse("team:platform")), "made team:platform an owner of foo"),
        (new OwnerRemoved(Owner.Parse("bob")), "removed bob from the owners of foo"),
        (new VisibilityChanged(Restricted: false, []), "opened foo to all readers"),
        (new VisibilityChanged(Restricted: true, []), "restricted foo to its owners"),
        (new VisibilityChanged(Restricted: true, [TeamName.Parse("web"), TeamName.Parse("ops")]), "restricted foo to its owners and team:web, team:ops"),
        (Trusted, "added the trusted publisher 2 of foo"),
        (new TrustedPublisherRemoved(2), "removed the trusted publisher 2 of foo"),
        (new TrustedOnlyChanged(Only: true), "let only trusted publishers publish foo"),
        (new TrustedOnlyChanged(Only: false), "let owners publish foo too"),
        (new CrateDeprecated(null, null), "deprecated foo"),
        (new TokenIssued(1, "ci", Checksum.Zero, [TokenScope.Read], [CratePattern.All], default, ExpiresAt: null), "made the token 1 “ci” of ann, good for read"),
        (new TokenRevoked(1), "revoked the token 1 of ann"),
        (new AccountEnabled(Reason: null), "switched ann on again"),
        (new CiTokenRevoked(), "gave a token of a run back"),
    ];

    /// <summary>Fails where a fact has no example in <see cref="Examples.Facts"/> or no sentence in <see cref="FactWords"/>.</summary>
    [Fact]
    public void Every_fact_has_an_example_and_a_sentence()
    {
        var facts = typeof(DomainEvent).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(DomainEvent)) && !type.IsAbstract).ToHashSet();
        Assert.Equal(facts, Examples.Facts.Select(fact => fact.GetType()).ToHashSet());
        Assert.All(Examples.Facts, fact => Assert.Matches("^[a-z]+ ", FactWords.Of(fact, new("foo", "ann", "platform"))));
    }

    [Fact]
    public void The_words_follow_who_did_it() => Assert.All(
        All, each => Assert.Equal(each.Words, FactWords.Of(each.Fact, new("foo", "ann"), isFull: false)));

    [Fact]
    public void Whom_a_crate_trusts_is_for_who_may_read_its_audit() => Assert.Equal(
        "added the trusted publisher 2 of foo: https://ci.example, repository octo/x, ref refs/tags/*", FactWords.Of(Trusted, new("foo")));

    [Theory]
    [InlineData("version-yanked", """{"version":"1.0.0","reason":"a \"quote\""}""", "yanked foo 1.0.0: a \"quote\"")]
    [InlineData("version-yanked", """{"version":"1.0.0"}""", "yanked foo 1.0.0")]
    [InlineData("version-yanked", """{"version":"1.0.0","of":"a later program"}""", "yanked foo 1.0.0")]
    [InlineData("version-yanked", """{"text":"not a yank"}""", "version-yanked")]
    [InlineData("version-yanked", """{"version":null}""", "version-yanked")]
    [InlineData("version-yanked", """{"version":"one"}""", "version-yanked")]
    [InlineData("version-yanked", "17", "version-yanked")]
    [InlineData("visibility-changed", """{"restricted":true,"readers":[null]}""", "visibility-changed")]
    [InlineData("visibility-changed", """{"restricted":true,"readers":{}}""", "visibility-changed")]
    [InlineData("trusted-publisher-added", """{"trusted_publisher":1,"issuer":"x","claims":[]}""", "trusted-publisher-added")]
    [InlineData("token-issued", """{"id":1,"name":"x","scopes":[],"crates":[]}""", "token-issued")]
    [InlineData("ci-token-issued", """{"crates":[{"name":"foo"}],"issuer":"x","run":"x","expires_at":"2026-11-22"}""", "ci-token-issued")]
    [InlineData("crate-painted", """{"colour":"red"}""", "crate-painted")]
    public void A_row_of_a_fact_is_words_wherever_they_can_be_made(string kind, string detail, string words) =>
        Assert.Equal(words, Row(kind, detail).What);

    [Theory]
    [InlineData("""{"method":"PUT","route":"/api/v1/crates/new"}""", "no", "tried PUT /api/v1/crates/new: no")]
    [InlineData("""{"method":"PUT","route":"/api/v1/crates/new"}""", null, "tried PUT /api/v1/crates/new: refused")]
    [InlineData("""{"not_kept":2}""", "2 more attempts", "2 more attempts")]
    [InlineData("17", "no", "no")]
    public void A_refused_attempt_says_what_was_tried_and_why_not(string detail, string? sentence, string words) =>
        Assert.Equal(words, (Row(AuditRow.RefusedKind, detail) with { Refused = true, Sentence = sentence }).What);

    [Theory]
    [InlineData(3, null, "cargo 1.95", "token 3, cargo 1.95")]
    [InlineData(null, "github octo/x run 7", "cargo 1.95", "github octo/x run 7, cargo 1.95")]
    [InlineData(null, null, null, "")]
    public void With_what_it_was_done(int? token, string? run, string? client, string words) => Assert.Equal(
        words, new HistoryEntry(default, new(Login.Parse("ann"), token, client, run), "x").With);

    private static AuditRow Row(string kind, string detail) =>
        AuditRows.Of(Examples.Recorded(Examples.Facts[0])).Single() with { Kind = kind, Crate = "foo", Detail = detail };
}
