using System.Reflection;
using System.Text;
using Raktar.Application.Log;
using Raktar.Domain;
using Raktar.Domain.Accounts;

namespace Raktar.Specs.Events;

/// <summary>What is in logs for ever: a change here would make existing logs unreadable.</summary>
public sealed class StoredFacts
{
    [Fact]
    public void Every_fact_has_a_stored_name_and_an_example()
    {
        var facts = typeof(DomainEvent).Assembly.GetTypes().Where(t => t.IsSubclassOf(typeof(DomainEvent)) && !t.IsAbstract).ToHashSet();
        Assert.Equal(facts, EventCodec.StoredNames.Select(s => s.Type).ToHashSet());
        Assert.Equal(facts, Examples.Facts.Select(fact => fact.GetType()).ToHashSet());
    }

    [Fact]
    public void Every_example_is_held_to_its_stored_bytes()
    {
        var rows = typeof(StoredFacts).GetMethod(nameof(A_fact_is_stored_like_this))!;
        var held = rows.GetCustomAttributes<InlineDataAttribute>().Select(row => Examples.Facts[(int)row.GetData(rows).Single()[0]]);
        Assert.Equal(Examples.Facts.ToHashSet(), held.Append(Examples.Published).ToHashSet());
    }

    [Fact]
    public void Every_fact_is_read_back_equal()
    {
        foreach (var fact in Examples.Facts)
        {
            var commit = Examples.Commit(fact);
            var read = EventCodec.Decode(Store(commit)).Commit;
            Assert.Equal(commit, read);
        }
    }

    [Theory]
    [InlineData(0, """{"type":"crate-created","schema":1,"data":{"name":"Foo-Bar","owner":"ann"}}""")]
    [InlineData(2, """{"type":"version-yanked","schema":1,"data":{"version":"1.0.0","reason":"unsound"}}""")]
    [InlineData(3, """{"type":"version-unyanked","schema":1,"data":{"version":"1.0.0"}}""")]
    [InlineData(4, """{"type":"owner-added","schema":1,"data":{"owner":"bob"}}""")]
    [InlineData(5, """{"type":"owner-removed","schema":1,"data":{"owner":"team:platform"}}""")]
    [InlineData(6, """{"type":"account-registered","schema":1,"data":{"login":"ann","role":"publisher"}}""")]
    [InlineData(7, """{"type":"role-changed","schema":1,"data":{"role":"reader"}}""")]
    [InlineData(8, """{"type":"token-issued","schema":2,"data":{"id":1,"name":"ci","hash":"3c469e9d6c5875d37a43f353d4f88e61fcf812c66eee3457465a40b0da4153e0","scopes":["read","publish-new"],"crates":["foo-*"],"issued_at":"2026-11-22T12:00:00.123+00:00","expires_at":"2027-02-20T12:00:00.123+00:00"}}""")]
    [InlineData(9, """{"type":"token-revoked","schema":2,"data":{"id":1,"reason":"reported as leaked"}}""")]
    [InlineData(10, """{"type":"visibility-changed","schema":1,"data":{"restricted":true,"readers":["platform"]}}""")]
    [InlineData(11, """{"type":"trusted-publisher-added","schema":1,"data":{"id":1,"issuer":"https://ci.example.com","claims":[{"claim":"repository","value":"octo/foo"},{"claim":"workflow_ref","value":"octo/foo/release.yml@*"}]}}""")]
    [InlineData(12, """{"type":"trusted-publisher-removed","schema":1,"data":{"id":1}}""")]
    [InlineData(13, """{"type":"trusted-only-changed","schema":1,"data":{"only":true}}""")]
    [InlineData(14, """{"type":"version-deleted","schema":1,"data":{"version":"1.0.0","reason":"a secret was in it","restorable_until":"2026-11-29T12:00:00.123+00:00"}}""")]
    [InlineData(15, """{"type":"version-restored","schema":1,"data":{"version":"1.0.0"}}""")]
    [InlineData(16, """{"type":"team-joined","schema":1,"data":{"team":"platform"}}""")]
    [InlineData(17, """{"type":"team-left","schema":1,"data":{"team":"platform"}}""")]
    [InlineData(18, """{"type":"team-created","schema":1,"data":{"name":"platform"}}""")]
    [InlineData(19, """{"type":"checkpoint-made","schema":1,"data":{"number":3,"at":"2026-11-22T12:00:00.123+00:00","streams":2,"commits":6,"root":"4813494d137e1631bba301d5acab6e7bb7aa74ce1185d456565ef51d737677b2","previous":"6da0633528deaa0144e7b058315f0b753ec0b945163a72bf96a0d18180f9de0d","key":"a2V5","signature":"c2lnbmF0dXJl","file":"3b9c358f36f0a31b6ad3e14f309c7cf198ac9246e8316f9ce543d5b19ac02b80"}}""")]
    [InlineData(20, """{"type":"checkpoint-requested","schema":1,"data":{}}""")]
    [InlineData(21, """{"type":"ci-token-issued","schema":1,"data":{"crates":[{"name":"Foo-Bar","publisher":2}],"issuer":"https://ci.example.com","run":"https://ci.example.com: repository octo/foo, run 7","hash":"3c469e9d6c5875d37a43f353d4f88e61fcf812c66eee3457465a40b0da4153e0","expires_at":"2026-11-22T12:30:00.123+00:00"}}""")]
    [InlineData(22, """{"type":"ci-token-revoked","schema":1,"data":{"reason":"reported as leaked"}}""")]
    [InlineData(23, """{"type":"identity-linked","schema":1,"data":{"issuer":"https://id.example.com","subject":"248289761001"}}""")]
    [InlineData(24, """{"type":"identity-unlinked","schema":1,"data":{"issuer":"https://id.example.com","subject":"248289761001"}}""")]
    [InlineData(25, """{"type":"sessions-ended","schema":1,"data":{}}""")]
    [InlineData(26, """{"type":"account-disabled","schema":1,"data":{"reason":"left the company"}}""")]
    [InlineData(27, """{"type":"account-enabled","schema":1,"data":{"reason":"came back"}}""")]
    [InlineData(28, """{"type":"crate-respelled","schema":1,"data":{"name":"foo_bar"}}""")]
    [InlineData(29, """{"type":"crate-deprecated","schema":1,"data":{"successor":"Foo-Baz","reason":"its author left"}}""")]
    [InlineData(30, """{"type":"crate-undeprecated","schema":1,"data":{}}""")]
    public void A_fact_is_stored_like_this(int example, string json) =>
        Assert.Equal(Envelope(json), Encoding.UTF8.GetString(EventCodec.Encode(Examples.Commit(Examples.Facts[example]))));

    [Theory]
    [InlineData("""{"type":"token-revoked","schema":1,"data":{"id":1}}""")]
    [InlineData("""{"type":"token-issued","schema":1,"data":{"id":1,"name":"ci","hash":"3c469e9d6c5875d37a43f353d4f88e61fcf812c66eee3457465a40b0da4153e0"}}""")]
    public void What_earlier_versions_wrote_is_still_read(string json)
    {
        var body = Encoding.UTF8.GetBytes(Envelope(json));
        var fact = Assert.Single(EventCodec.Decode(new(StreamName.Parse("crate/foo_bar"), 1, body, Checksum.Of(body))).Commit.Events);
        Assert.Equal(
            fact is TokenRevoked
                ? new TokenRevoked(1)
                : new TokenIssued(1, "ci", Checksum.Of("token"u8), TokenScopes.Of(Role.Admin), [CratePattern.All], Examples.Noon, ExpiresAt: null),
            fact);
    }

    [Fact]
    public void A_published_version_is_stored_like_this() => Assert.Equal(
        Envelope("""
            {"type":"version-published","schema":1,"data":{"version":"1.0.0-rc.1+b.2","checksum":"277089d91c0bdf4f2e6862ba7e4a07605119431f5d13f726dd352b06f1b206a9","size":5,"publisher":"ann","package":{"dependencies":[{"name":"alias","package":"real","req":"^1.0","features":["a"],"optional":true,"default_features":false,"kind":"normal"},{"name":"serde","req":">=1, <2","features":[],"optional":false,"default_features":true,"target":"cfg(unix)","kind":"build","registry":"https://github.com/rust-lang/crates.io-index"},{"name":"tests","req":"*","features":[],"optional":false,"default_features":true,"kind":"dev"}],"features":[{"name":"default","enables":["std"]},{"name":"std","enables":[]},{"name":"with-alias","enables":["dep:alias"]},{"name":"all","enables":["with-alias","std"]}],"links":"z","rust_version":"1.70","edition":"2021","description":"About <things> & \"more\"","homepage":"https://example.com/","documentation":"https://example.com/doc","repository":"https://example.com/git","license":"MIT","license_file":"LICENSE","keywords":["one"],"categories":["science"],"authors":["Ann <ann@example.com>"],"readme":{"path":"README.md","checksum":"711a6108ba2ce6ca93dd47d6817f2361db10d8ab6eec89460b2dfc2c325efabe"},"library":"foo_bar","binaries":["foo"]}}}
            """.Trim()),
        Encoding.UTF8.GetString(EventCodec.Encode(Examples.Commit(Examples.Published))).Replace("\\u0022", "\\\"", StringComparison.Ordinal));

    [Fact]
    public void One_changed_byte_is_noticed()
    {
        var stored = Store(Examples.Commit(Examples.Facts[0]));
        var body = stored.Body.ToArray();
        for (var i = 0; i < body.Length; i++)
        {
            body[i] ^= 1;
            var e = Assert.Throws<CorruptCommitException>(() => EventCodec.Decode(stored with { Body = body }));
            Assert.Contains("crate/foo_bar@1", e.Message, StringComparison.Ordinal);
            body[i] ^= 1;
        }
    }

    [Fact]
    public void A_commit_under_another_streams_name_is_noticed()
    {
        var stored = Store(Examples.Commit(Examples.Facts[0]));
        Assert.Throws<CorruptCommitException>(() => EventCodec.Decode(stored with { Stream = StreamName.Parse("crate/other") }));
        Assert.Throws<CorruptCommitException>(() => EventCodec.Decode(stored with { FirstVersion = 2 }));
    }

    private static string Envelope(string fact) =>
        """{"id":"01900000-0000-7000-8000-000000000000","stream":"crate/foo_bar","first":1,"at":"2026-11-22T12:00:00.1230000Z","account":"ann","token":3,"client":"cargo/1.95.0","correlation":"request-1","facts":["""
        + fact
        + """],"previous":"0000000000000000000000000000000000000000000000000000000000000000"}""";

    private static StoredCommit Store(Commit commit)
    {
        var body = EventCodec.Encode(commit);
        return new(commit.Stream, commit.FirstVersion, body, Checksum.Of(body));
    }
}
