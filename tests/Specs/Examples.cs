using Raktar.Application.Log;
using Raktar.Domain;
using Raktar.Domain.Accounts;
using Raktar.Domain.Ci;
using Raktar.Domain.Crates;
using Raktar.Domain.Registry;

namespace Raktar.Specs;

/// <summary>One example of every fact, with every field filled.</summary>
internal static class Examples
{
    public static readonly Login Ann = Login.Parse("ann");
    public static readonly DateTimeOffset Noon = new(2026, 11, 22, 12, 0, 0, 123, TimeSpan.Zero);

    public static readonly VersionPublished Published = new(
        SemVersion.Parse("1.0.0-rc.1+b.2"),
        Checksum.Of("bytes"u8),
        5,
        Ann,
        new Package
        {
            Dependencies =
            [
                new() { Name = "alias", Package = "real", Req = "^1.0", Features = ["a"], Optional = true, DefaultFeatures = false },
                new()
                {
                    Name = "serde",
                    Req = ">=1, <2",
                    Target = "cfg(unix)",
                    Kind = DependencyKind.Build,
                    Registry = "https://github.com/rust-lang/crates.io-index",
                },
                new() { Name = "tests", Req = "*", Kind = DependencyKind.Dev },
            ],
            Features = [new("default", ["std"]), new("std", []), new("with-alias", ["dep:alias"]), new("all", ["with-alias", "std"])],
            Links = "z",
            RustVersion = "1.70",
            Edition = "2021",
            Description = "About <things> & \"more\"",
            Homepage = "https://example.com/",
            Documentation = "https://example.com/doc",
            Repository = "https://example.com/git",
            License = "MIT",
            LicenseFile = "LICENSE",
            Keywords = ["one"],
            Categories = ["science"],
            Authors = ["Ann <ann@example.com>"],
            Readme = new("README.md", Checksum.Of("readme"u8)),
            Library = "foo_bar",
            Binaries = ["foo"],
        });

    public static readonly DomainEvent[] Facts =
    [
        new CrateCreated(CrateName.Parse("Foo-Bar"), Ann),
        Published,
        new VersionYanked(SemVersion.Parse("1.0.0"), "unsound"),
        new VersionUnyanked(SemVersion.Parse("1.0.0")),
        new OwnerAdded(Owner.Parse("bob")),
        new OwnerRemoved(Owner.Parse("team:platform")),
        new AccountRegistered(Ann, Role.Publisher),
        new RoleChanged(Role.Reader),
        new TokenIssued(1, "ci", Checksum.Of("token"u8), [TokenScope.Read, TokenScope.PublishNew], [CratePattern.Parse("foo-*")], Noon, Noon.AddDays(90)),
        new TokenRevoked(1, "reported as leaked"),
        new VisibilityChanged(Restricted: true, [TeamName.Parse("platform")]),
        new TrustedPublisherAdded(1, "https://ci.example.com", [new("repository", "octo/foo"), new("workflow_ref", "octo/foo/release.yml@*")]),
        new TrustedPublisherRemoved(1),
        new TrustedOnlyChanged(Only: true),
        new VersionDeleted(SemVersion.Parse("1.0.0"), "a secret was in it", Noon.AddDays(7)),
        new VersionRestored(SemVersion.Parse("1.0.0")),
        new TeamJoined(TeamName.Parse("platform")),
        new TeamLeft(TeamName.Parse("platform")),
        new TeamCreated(TeamName.Parse("platform")),
        new CheckpointMade(3, Noon, 2, 6, Checksum.Of("root"u8), Checksum.Of("previous"u8), "a2V5", "c2lnbmF0dXJl", Checksum.Of("file"u8)),
        new CheckpointRequested(),
        new CiTokenIssued(
            [new(CrateName.Parse("Foo-Bar"), 2)], "https://ci.example.com", "https://ci.example.com: repository octo/foo, run 7", Checksum.Of("token"u8), Noon.AddMinutes(30)),
        new CiTokenRevoked("reported as leaked"),
        new IdentityLinked("https://id.example.com", "248289761001"),
        new IdentityUnlinked("https://id.example.com", "248289761001"),
        new SessionsEnded(),
        new AccountDisabled("left the company"),
        new AccountEnabled("came back"),
        new CrateRespelled(CrateName.Parse("foo_bar")),
        new CrateDeprecated(CrateName.Parse("Foo-Baz"), "its author left"),
        new CrateUndeprecated(),
    ];

    public static Commit Commit(params DomainEvent[] facts) => new()
    {
        Id = Guid.Parse("01900000-0000-7000-8000-000000000000"),
        Stream = StreamName.Of(CrateName.Parse("Foo-Bar")),
        FirstVersion = 1,
        At = Noon,
        Actor = new Actor(Ann, 3, "cargo/1.95.0"),
        Correlation = "request-1",
        Events = facts.ToValueList(),
        PreviousHash = Checksum.Zero,
    };

    public static RecordedCommit Recorded(params DomainEvent[] facts) => new(Commit(facts), Checksum.Of("commit"u8));
}
