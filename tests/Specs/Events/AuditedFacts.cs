using Raktar.Application.Audit;
using Raktar.Application.Log;
using Raktar.Domain;
using Raktar.Domain.Accounts;

namespace Raktar.Specs.Events;

/// <summary>What the audit shows of each fact.</summary>
public sealed class AuditedFacts
{
    private const string Checksum = "277089d91c0bdf4f2e6862ba7e4a07605119431f5d13f726dd352b06f1b206a9";

    public static TheoryData<string, string, string> Details => new()
    {
        { "crate-created", """{"name":"Foo-Bar","owner":"ann"}""", "created the crate Foo-Bar, owned by ann" },
        {
            "version-published",
            $$"""{"version":"1.0.0-rc.1+b.2","checksum":"{{Checksum}}","size":5}""",
            "published foo_bar 1.0.0-rc.1+b.2 (5 B)"
        },
        { "version-yanked", """{"version":"1.0.0","reason":"unsound"}""", "yanked foo_bar 1.0.0: unsound" },
        { "version-unyanked", """{"version":"1.0.0"}""", "unyanked foo_bar 1.0.0" },
        { "owner-added", """{"owner":"bob"}""", "made bob an owner of foo_bar" },
        { "owner-removed", """{"owner":"team:platform"}""", "removed team:platform from the owners of foo_bar" },
        { "account-registered", """{"role":"publisher"}""", "registered the account ann with the role publisher" },
        { "role-changed", """{"role":"reader"}""", "gave ann the role reader" },
        {
            "token-issued",
            """{"token":1,"name":"ci","scopes":["read","publish-new"],"crates":["foo-*"],"expires_at":"2027-02-20T12:00:00.1230000Z"}""",
            "made the token 1 “ci” of ann, good for read, publish-new of foo-* until 2027-02-20"
        },
        { "token-revoked", """{"token":1,"reason":"reported as leaked"}""", "revoked the token 1 of ann: reported as leaked" },
        { "visibility-changed", """{"restricted":true,"readers":["platform"]}""", "restricted foo_bar to its owners and team:platform" },
        {
            "trusted-publisher-added",
            """{"trusted_publisher":1,"issuer":"https://ci.example.com","claims":{"repository":"octo/foo","workflow_ref":"octo/foo/release.yml@*"}}""",
            "added the trusted publisher 1 of foo_bar: https://ci.example.com, repository octo/foo, workflow_ref octo/foo/release.yml@*"
        },
        { "trusted-publisher-removed", """{"trusted_publisher":1}""", "removed the trusted publisher 1 of foo_bar" },
        { "trusted-only-changed", """{"only":true}""", "let only trusted publishers publish foo_bar" },
        {
            "version-deleted",
            """{"version":"1.0.0","reason":"a secret was in it","restorable_until":"2026-11-29T12:00:00.1230000Z"}""",
            "deleted foo_bar 1.0.0: a secret was in it"
        },
        { "version-restored", """{"version":"1.0.0"}""", "restored foo_bar 1.0.0" },
        { "team-joined", "{}", "put ann into the team platform" },
        { "team-left", "{}", "took ann out of the team platform" },
        { "team-created", "{}", "created the team platform" },
        {
            "checkpoint-made",
            $$"""{"number":3,"at":"2026-11-22T12:00:00.1230000Z","streams":2,"commits":6,"root":"{{Domain.Checksum.Of("root"u8)}}"}""",
            "made the checkpoint 3"
        },
        { "checkpoint-requested", "{}", "asked for a checkpoint" },
        {
            "ci-token-issued",
            """{"crates":["Foo-Bar"],"issuer":"https://ci.example.com","run":"https://ci.example.com: repository octo/foo, run 7","expires_at":"2026-11-22T12:30:00.1230000Z"}""",
            "got a token for Foo-Bar"
        },
        { "ci-token-revoked", """{"reason":"reported as leaked"}""", "gave a token of a run back: reported as leaked" },
        {
            "identity-linked",
            """{"issuer":"https://id.example.com","subject":"248289761001"}""",
            "linked ann to its identity 248289761001 at https://id.example.com"
        },
        {
            "identity-unlinked",
            """{"issuer":"https://id.example.com","subject":"248289761001"}""",
            "unlinked ann from its identity 248289761001 at https://id.example.com"
        },
        { "sessions-ended", "{}", "ended the sessions of ann" },
        {
            "account-disabled",
            """{"reason":"left the company"}""",
            "switched ann off, and its tokens and sessions with it: left the company"
        },
        { "account-enabled", """{"reason":"came back"}""", "switched ann on again: came back" },
        { "crate-respelled", """{"name":"foo_bar"}""", "changed the crate's spelling to foo_bar" },
        {
            "crate-deprecated",
            """{"successor":"Foo-Baz","reason":"its author left"}""",
            "deprecated foo_bar in favour of Foo-Baz: its author left"
        },
        { "crate-undeprecated", "{}", "took the deprecation of foo_bar back" },
    };

    [Fact]
    public void Every_fact_has_a_row_of_its_kind()
    {
        Assert.Equal(Examples.Facts.Select(EventCodec.StoredNameOf), Examples.Facts.Select(fact => RowOf(fact).Kind));
        Assert.Equal(Examples.Facts.Select(EventCodec.StoredNameOf), Details.Select(row => (string)row[0]));
    }

    [Theory]
    [MemberData(nameof(Details))]
    public void A_row_tells_what_there_is_to_know_of_its_fact_in_json_and_in_words(string kind, string detail, string words)
    {
        var fact = Examples.Facts.Single(fact => EventCodec.StoredNameOf(fact) == kind);
        var row = RowOf(fact);
        Assert.Equal((detail, words), (row.Detail, (row with { Account = "ann", Team = "platform" }).What));
        // A row has not all of its fact, and says the same.
        Assert.Equal(words, FactWords.Of(fact, new("foo_bar", "ann", "platform")));
    }

    [Fact]
    public void No_row_has_a_token_s_hash_or_a_package() => Assert.All(Examples.Facts, fact =>
    {
        var json = System.Text.Encoding.UTF8.GetString(RowOf(fact).ToBytes());
        Assert.DoesNotContain(Domain.Checksum.Of("token"u8).Hex, json, StringComparison.Ordinal);
        Assert.DoesNotContain("serde", json, StringComparison.Ordinal);
    });

    [Fact]
    public void A_row_says_who_did_it_when_with_what_and_where_it_stands()
    {
        var commit = Examples.Commit(Examples.Facts[0], Examples.Published) with
        {
            FirstVersion = 7,
            Actor = new Actor(Examples.Ann, 3, "cargo/1.95.0", "a workflow of octo/foo"),
        };
        var rows = AuditRows.Of(new(commit, Domain.Checksum.Of("commit"u8))).ToList();
        Assert.Equal([(7, 7), (8, 7)], rows.Select(row => (row.Version, row.First)));
        Assert.All(rows, row =>
        {
            Assert.Equal((Examples.Noon, "foo_bar", (string?)null, (string?)null), (row.At, row.Crate, row.Account, row.Team));
            Assert.Equal((Examples.Ann, 3, "a workflow of octo/foo", "cargo/1.95.0"), (row.Actor, row.Token, row.Ci, row.Client));
            Assert.Equal(("request-1", Domain.Checksum.Of("commit"u8), false), (row.Correlation, row.Commit, row.Refused));
        });
    }

    [Fact]
    public void Facts_of_accounts_and_teams_say_so()
    {
        var account = AuditRows.Of(new(
            Examples.Commit(new TeamJoined(TeamName.Parse("platform"))) with { Stream = StreamName.Of(Examples.Ann) }, Domain.Checksum.Zero)).Single();
        Assert.Equal((null, "ann", "platform"), (account.Crate, account.Account, account.Team));
        var team = AuditRows.Of(new(
            Examples.Commit(new TeamCreated(TeamName.Parse("platform"))) with { Stream = StreamName.Of(TeamName.Parse("platform")) }, Domain.Checksum.Zero)).Single();
        Assert.Equal((null, null, "platform"), (team.Crate, team.Account, team.Team));
    }

    [Fact]
    public void A_row_is_read_back_equal() => Assert.All(Examples.Facts, fact => Assert.Equal(RowOf(fact), AuditRow.Parse(RowOf(fact).ToBytes())));

    [Fact]
    public void Places_sort_by_time_then_stream_then_version_and_so_do_their_texts()
    {
        AuditPlace[] places =
        [
            .. from at in new[] { Examples.Noon, Examples.Noon.AddTicks(1), Examples.Noon.AddYears(100) }
               from stream in new[] { "account/a", "account/a-b", "account/a.b", "account/ab", "crate/a", "crate/a_b" }
               from version in new[] { 1L, 2, 10, 1_000_000 }
               select new AuditPlace(at, StreamName.Parse(stream), version),
        ];
        Assert.Equal(places, places.OrderDescending().Reverse());
        Assert.Equal(places, places.OrderBy(place => place.ToString(), StringComparer.Ordinal));
        Assert.Equal(places, places.Select(place => AuditPlace.Parse(place.ToString())));
        Assert.All(places, place => Assert.True(place.Before < place && AuditPlace.StartOf(place.At) < place && AuditPlace.StartOf(place.At.AddTicks(1)) > place));
    }

    [Theory]
    [InlineData("")]
    [InlineData("0001")]
    [InlineData("1 crate/foo")]
    [InlineData("1 crate 2")]
    [InlineData("1 /foo 2")]
    [InlineData("x crate/foo 2")]
    [InlineData("9999999999999999999 crate/foo 2")]
    [InlineData("1 crate/foo -2")]
    public void Other_texts_are_no_place(string text) => Assert.False(AuditPlace.TryParse(text, out _));

    private static AuditRow RowOf(DomainEvent fact) => AuditRows.Of(Examples.Recorded(fact)).Single();
}
