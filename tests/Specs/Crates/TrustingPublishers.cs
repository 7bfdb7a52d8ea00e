using Raktar.Domain;
using Raktar.Domain.Accounts;
using Raktar.Domain.Ci;
using Raktar.Domain.Crates;
using static Raktar.Specs.Scenario;

namespace Raktar.Specs.Crates;

public sealed class TrustingPublishers
{
    private const string Ci = "https://ci.example.com";
    private const string GitHub = "https://token.actions.githubusercontent.com";
    private static readonly Login Ann = Login.Parse("ann");
    private static readonly TeamName Platform = TeamName.Parse("platform");
    private static readonly Requester ByAnn = Requester.Of(Ann);
    private static readonly Requester ByAdmin = new(Login.Parse("bob"), [], IsAdmin: true);
    private static readonly Requester ByTeamMember = new(Login.Parse("bob"), [Platform]);
    private static readonly CrateName Foo = CrateName.Parse("Foo-Bar");
    private static readonly TrustedPublisherAdded First = new(1, Ci, [new("ref", "refs/tags/*"), new("sub", "foo")]);
    private static readonly CrateEvent[] AnnsCrate = [new CrateCreated(Foo, Ann), new OwnerAdded(Owner.Of(Platform))];

    [Fact]
    public void Owners_and_administrators_trust_runs()
    {
        foreach (var by in (Requester[])[ByAnn, ByAdmin])
        {
            GivenCrate(AnnsCrate).When(crate => TrustedPublishingDecider.Add(crate, Foo, Ci, [new("sub", "foo"), new("ref", "refs/tags/*")], by)).Then(First);
        }
    }

    [Fact]
    public void Nobody_else_does()
    {
        GivenCrate(AnnsCrate).When(crate => TrustedPublishingDecider.Add(crate, Foo, Ci, First.Claims, ByTeamMember)).ThenRefused(new TeamsCannotManage(Foo));
        var run = new Requester(Login.TrustedPublisher, []) { TrustedBy = [new(Foo, 1)] };
        GivenCrate([.. AnnsCrate, First]).When(crate => TrustedPublishingDecider.Remove(crate, Foo, 1, run)).ThenRefused(new NotAnOwner(Foo));
        GivenCrate([.. AnnsCrate, First]).When(crate => TrustedPublishingDecider.SetTrustedOnly(crate, Foo, only: true, run)).ThenRefused(new NotAnOwner(Foo));
        GivenCrate().When(crate => TrustedPublishingDecider.Add(crate, Foo, Ci, First.Claims, ByAnn)).ThenRefused(new NoSuchCrate("Foo-Bar"));
    }

    [Fact]
    public void Numbers_are_never_given_again() => GivenCrate([.. AnnsCrate, First, new TrustedPublisherRemoved(1)])
        .When(crate => TrustedPublishingDecider.Add(crate, Foo, Ci, First.Claims, ByAnn))
        .Then(First with { Id = 2 });

    [Fact]
    public void There_are_at_most_twenty()
    {
        var many = Enumerable.Range(1, TrustedPublishingDecider.MaxPublishers).Select(id => new TrustedPublisherAdded(id, Ci, [new("sub", $"foo-{id}")]));
        GivenCrate([.. AnnsCrate, .. many])
            .When(crate => TrustedPublishingDecider.Add(crate, Foo, Ci, [new("sub", "foo")], ByAnn))
            .ThenRefused(new InvalidInput("`Foo-Bar` has too many trusted publishers (max 20)"));
    }

    [Fact]
    public void They_are_removed_by_number()
    {
        GivenCrate([.. AnnsCrate, First]).When(crate => TrustedPublishingDecider.Remove(crate, Foo, 1, ByAnn)).Then(new TrustedPublisherRemoved(1));
        GivenCrate([.. AnnsCrate, First]).When(crate => TrustedPublishingDecider.Remove(crate, Foo, 2, ByAnn)).ThenRefused(new NoSuchTrustedPublisher(Foo, "2"));
        GivenCrate([.. AnnsCrate, First]).When(crate => TrustedPublishingDecider.Remove(crate, Foo, 0, ByAnn)).ThenRefused(new NoSuchTrustedPublisher(Foo, "0"));
    }

    [Fact]
    public void A_crate_is_for_trusted_publishers_only_when_it_has_one()
    {
        GivenCrate([.. AnnsCrate, First]).When(crate => TrustedPublishingDecider.SetTrustedOnly(crate, Foo, only: true, ByAnn)).Then(new TrustedOnlyChanged(Only: true));
        GivenCrate([.. AnnsCrate, First, new TrustedOnlyChanged(Only: true), new TrustedPublisherRemoved(1)])
            .When(crate => TrustedPublishingDecider.SetTrustedOnly(crate, Foo, only: false, ByAdmin)).Then(new TrustedOnlyChanged(Only: false));
        GivenCrate(AnnsCrate).When(crate => TrustedPublishingDecider.SetTrustedOnly(crate, Foo, only: false, ByAnn)).ThenNothing();
        GivenCrate(AnnsCrate)
            .When(crate => TrustedPublishingDecider.SetTrustedOnly(crate, Foo, only: true, ByAnn))
            .ThenRefused(new InvalidInput("`Foo-Bar` has no trusted publisher yet, so nobody could publish it"));
    }

    [Fact]
    public void What_protects_from_a_stolen_account_of_an_owner_is_not_the_owners_to_take_away()
    {
        CrateEvent[] guarded = [.. AnnsCrate, First, new TrustedOnlyChanged(Only: true)];
        ValueList<ClaimRule> others = [new("sub", "a thief's")];
        GivenCrate(guarded).When(crate => TrustedPublishingDecider.SetTrustedOnly(crate, Foo, only: false, ByAnn)).ThenRefused(new TrustedOnlyIsGuarded(Foo));
        GivenCrate(guarded).When(crate => TrustedPublishingDecider.Add(crate, Foo, Ci, others, ByAnn)).ThenRefused(new TrustedOnlyIsGuarded(Foo));
        GivenCrate(guarded).When(crate => TrustedPublishingDecider.Add(crate, Foo, Ci, First.Claims, ByAnn)).ThenNothing();
        GivenCrate(guarded).When(crate => TrustedPublishingDecider.Add(crate, Foo, Ci, others, ByAdmin)).Then(new TrustedPublisherAdded(2, Ci, others));
        GivenCrate(guarded).When(crate => TrustedPublishingDecider.Remove(crate, Foo, 1, ByAnn)).Then(new TrustedPublisherRemoved(1));
    }

    [Fact]
    public void A_run_publishes_and_sees_what_trusts_it_as_long_as_that_does()
    {
        var run = new Requester(Login.TrustedPublisher, []) { TrustedBy = [new(CrateName.Parse("foo_bar"), 1)] };
        var restricted = new VisibilityChanged(Restricted: true, []);
        var version = SemVersion.Parse("1.0.0");
        GivenCrate([.. AnnsCrate, First, restricted]).When(crate => Asks(CrateDecider.RefuseBeforeUpload(crate, Foo, version, run))).ThenNothing();
        Assert.True(GivenCrate([.. AnnsCrate, First, restricted]).State.IsVisibleTo(run));
        CrateEvent[] over = [.. AnnsCrate, First, new TrustedPublisherRemoved(1), First with { Id = 2 }];
        GivenCrate(over).When(crate => Asks(CrateDecider.RefuseBeforeUpload(crate, Foo, version, run))).ThenRefused(new NotTrusted(Foo));
        Assert.False(GivenCrate([.. over, restricted]).State.IsVisibleTo(run));
        GivenCrate(new CrateCreated(CrateName.Parse("other"), Ann), First)
            .When(crate => Asks(CrateDecider.RefuseBeforeUpload(crate, CrateName.Parse("other"), version, run)))
            .ThenRefused(new NotTrusted(CrateName.Parse("other")));
    }

    [Theory]
    [InlineData("octo/foo", "octo/foo", true)]
    [InlineData("octo/foo", "octo/foo ", false)]
    [InlineData("octo/foo", "Octo/foo", false)]
    [InlineData("octo/foo", "octo/foo-bar", false)]
    [InlineData("octo/foo", "", false)]
    [InlineData("refs/tags/*", "refs/tags/v1", true)]
    [InlineData("refs/tags/*", "refs/tags/", true)]
    [InlineData("refs/tags/*", "refs/heads/refs/tags/v1", false)]
    [InlineData("refs/tags/*", "Refs/tags/v1", false)]
    [InlineData("é", "e\u0301", false)]
    public void A_claim_is_compared_to_the_letter(string rule, string value, bool allowed) => Assert.Equal(allowed, new ClaimRule("claim", rule).Allows(value));

    [Fact]
    public void All_claims_must_be_there_and_the_issuer_be_theirs()
    {
        var publisher = new TrustedPublisher(1, Ci, First.Claims);
        Dictionary<string, string> claims = new() { ["sub"] = "foo", ["ref"] = "refs/tags/v1", ["more"] = "x" };
        Assert.True(publisher.Covers(Ci, claims));
        Assert.False(publisher.Covers(GitHub, claims));
        Assert.False(publisher.Covers(Ci, new Dictionary<string, string> { ["sub"] = "foo" }));
    }

    [Theory]
    [InlineData(Ci, "", "a trusted publisher needs 1 to 20 claims")]
    [InlineData(Ci, "sub=foo", null)]
    [InlineData(Ci, "sub=foo*", "pin the project: one of `sub`, `client_id`, `repository_id`, `repository`, `project_id`, `project_path`, `pipeline_id`, without a `*`")]
    [InlineData(Ci, "ref=main;environment=release", "pin the project: one of `sub`, `client_id`, `repository_id`, `repository`, `project_id`, `project_path`, `pipeline_id`, without a `*`")]
    [InlineData(Ci, "project_path=group/foo;ref=*", "the claim `ref` allows everything; leave it out")]
    [InlineData(Ci, "sub=foo;ref=ma*n", "the value of the claim `ref` has a `*` before its end")]
    [InlineData(Ci, "sub=foo;ref=main ", "the value of the claim `ref` has control characters, or spaces around it")]
    [InlineData(Ci, "sub=foo;ref=ma\nin", "the value of the claim `ref` has control characters, or spaces around it")]
    [InlineData(Ci, "sub=foo;ref=", "the claim `ref` needs a value of 1 to 500 characters")]
    [InlineData(Ci, "sub=foo;sub=bar", "a claim is named twice")]
    [InlineData(Ci, "sub=foo;jti=5", "the claim `jti` is about the token and cannot tell runs apart")]
    [InlineData(Ci, "sub=foo;a b=5", "the claim `a b` is no name: it has other than visible ASCII characters")]
    [InlineData(Ci, "sub=foo;=5", "a claim's name has 1 to 100 characters")]
    [InlineData(GitHub, "repository_id=5;workflow_ref=o/f/.github/workflows/r.yml@*", null)]
    [InlineData(GitHub, "repository=o/f;repository_owner_id=5;job_workflow_ref=o/f/.github/workflows/r.yml@refs/heads/main", null)]
    [InlineData(GitHub, "repository=o/f;workflow_ref=o/f/.github/workflows/r.yml@*", "for GitHub pin `repository_id`, or `repository` and `repository_owner_id`: names alone can be taken over")]
    [InlineData(GitHub, "sub=repo:o/f:environment:release", "for GitHub pin `repository_id`, or `repository` and `repository_owner_id`: names alone can be taken over")]
    [InlineData(GitHub, "repository_id=5*;workflow_ref=o/f/.github/workflows/r.yml@*", "for GitHub pin `repository_id`, or `repository` and `repository_owner_id`: names alone can be taken over")]
    [InlineData(GitHub, "repository_id=5", "for GitHub pin `workflow_ref`, at least as far as `owner/name/.github/workflows/file.yml@*`")]
    [InlineData(GitHub, "repository_id=5;workflow_ref=o/f/.github/workflows/*", "for GitHub pin `workflow_ref`, at least as far as `owner/name/.github/workflows/file.yml@*`")]
    [InlineData(GitHub, "repository_id=5;workflow_ref=@*", "for GitHub pin `workflow_ref`, at least as far as `owner/name/.github/workflows/file.yml@*`")]
    [InlineData($"{GitHub}/octo", "repository_id=5", "for GitHub pin `workflow_ref`, at least as far as `owner/name/.github/workflows/file.yml@*`")]
    [InlineData("https://github.example.com/_services/token", "sub=foo", "for GitHub pin `repository_id`, or `repository` and `repository_owner_id`: names alone can be taken over")]
    [InlineData("https://gitlab.com", "project_id=5", null)]
    [InlineData("https://gitlab.com", "project_path=g/f;namespace_id=5", null)]
    [InlineData("https://gitlab.com", "project_path=g/f", "for GitLab pin `project_id`, or `project_path` and `namespace_id`: names alone can be taken over")]
    public void Claims_must_pin_the_project(string issuer, string claims, string? problem)
    {
        var rules = claims.Split(';', StringSplitOptions.RemoveEmptyEntries).Select(claim => claim.Split('=', 2)).Select(parts => new ClaimRule(parts[0], parts[1])).ToList();
        Assert.Equal(problem is null ? null : new InvalidInput(problem), TrustedClaims.Refuse(issuer, rules));
    }

    [Fact]
    public void A_token_is_made_once_and_ends_by_time_or_by_hand()
    {
        var issued = new CiTokenIssued([new(Foo, 1)], Ci, "run 7", Checksum.Of("token"u8), Examples.Noon.AddMinutes(30));
        var token = CiToken.Unissued.Evolve(issued);
        Assert.Equal([issued], CiToken.Issue(CiToken.Unissued, issued).Events);
        Assert.Equal(new IdentityTokenUsed(), CiToken.Issue(token, issued).Refusal);
        Assert.Equal(new IdentityTokenUsed(), CiToken.Issue(token.Evolve(new CiTokenRevoked()), issued).Refusal);
        Assert.True(token.IsGood(issued.Hash, Examples.Noon.AddMinutes(29)));
        Assert.False(token.IsGood(issued.Hash, Examples.Noon.AddMinutes(30)));
        Assert.False(token.IsGood(Checksum.Of("other"u8), Examples.Noon));
        Assert.Equal([new CiTokenRevoked("leaked")], CiToken.Revoke(token, issued.Hash, "leaked", Examples.Noon).Events);
        Assert.Empty(CiToken.Revoke(token, Checksum.Of("other"u8), "leaked", Examples.Noon).Events);
        Assert.Empty(CiToken.Revoke(token, issued.Hash, "leaked", Examples.Noon.AddHours(1)).Events);
        Assert.False(token.Evolve(new CiTokenRevoked()).IsGood(issued.Hash, Examples.Noon));
    }

    // A question has no facts; a scenario tells what it answered.
    private static Decision Asks(Refusal? refusal) => refusal is null ? Decision.Nothing : refusal;
}
