using Raktar.Domain;
using Raktar.Domain.Accounts;
using static Raktar.Specs.Scenario;

namespace Raktar.Specs.Accounts;

/// <summary>What a sign-in with an identity provider does to an account.</summary>
public sealed class SigningIn
{
    private static readonly Login Ann = Login.Parse("ann");
    private static readonly ExternalIdentity She = new("https://id.example.com", "1");
    private static readonly ExternalIdentity Another = new("https://id.example.com", "2");
    private static readonly TeamName Platform = TeamName.Parse("platform");
    private static readonly TeamName Gardening = TeamName.Parse("gardening");
    private static readonly TeamName ByHand = TeamName.Parse("by-hand");
    private static readonly AccountEvent Linked = new IdentityLinked(She.Issuer, She.Subject);

    [Fact]
    public void Somebody_new_is_registered_linked_and_put_into_teams() => GivenAccount()
        .When(account => SignIn(account, Role.Member, [Platform]))
        .Then(new AccountRegistered(Ann, Role.Member), Linked, new TeamJoined(Platform));

    [Fact]
    public void The_groups_of_now_decide_about_role_and_mapped_teams() =>
        GivenAccount(new AccountRegistered(Ann, Role.Admin), Linked, new TeamJoined(Platform), new TeamJoined(ByHand))
            .When(account => SignIn(account, Role.Reader, [Gardening]))
            .Then(new RoleChanged(Role.Reader), new SessionsEnded(), new TeamLeft(Platform), new TeamJoined(Gardening));

    [Fact]
    public void The_same_groups_change_nothing() => GivenAccount(new AccountRegistered(Ann, Role.Member), Linked, new TeamJoined(Platform))
        .When(account => SignIn(account, Role.Member, [Platform]))
        .ThenNothing();

    [Fact]
    public void Another_identity_does_not_get_the_account() => GivenAccount(new AccountRegistered(Ann, Role.Member), Linked)
        .When(account => SignIn(account, Role.Admin, [], who: Another))
        .ThenRefused(new LoginTaken(Ann));

    [Fact]
    public void Not_even_who_proves_to_have_a_token_of_it() => GivenAccount(new AccountRegistered(Ann, Role.Member), Linked)
        .When(account => SignIn(account, Role.Admin, [], who: Another, isProven: true))
        .ThenRefused(new LoginTaken(Ann));

    [Fact]
    public void An_account_made_by_hand_is_nobodys_without_proof() => GivenAccount(new AccountRegistered(Ann, Role.Admin))
        .When(account => SignIn(account, Role.Reader, []))
        .ThenRefused(new LoginTaken(Ann));

    [Fact]
    public void With_proof_it_is_linked_and_the_groups_decide_from_then_on() => GivenAccount(new AccountRegistered(Ann, Role.Admin), new TeamJoined(ByHand))
        .When(account => SignIn(account, Role.Reader, [Platform], isProven: true))
        .Then(new RoleChanged(Role.Reader), new SessionsEnded(), Linked, new TeamJoined(Platform));

    [Theory]
    [InlineData("admin")]
    [InlineData("raktar")]
    [InlineData("trusted-publisher")]
    public void Logins_of_the_registry_itself_are_nobodys(string login) => GivenAccount()
        .When(account => AccountDecider.SignIn(account, Login.Parse(login), She, Role.Admin, [], [], isProven: true))
        .ThenRefused(new LoginTaken(Login.Parse(login)));

    [Fact]
    public void Who_is_in_no_group_any_more_keeps_reading_alone() =>
        GivenAccount(new AccountRegistered(Ann, Role.Admin), Linked, new TeamJoined(Platform), new TeamJoined(ByHand))
            .When(AccountDecider.EndRights)
            .Then(new RoleChanged(Role.Reader), new SessionsEnded(), new TeamLeft(ByHand), new TeamLeft(Platform));

    [Fact]
    public void Nobody_signs_in_to_an_account_that_is_switched_off() => GivenAccount(new AccountRegistered(Ann, Role.Member), Linked, new AccountDisabled("left"))
        .When(account => SignIn(account, Role.Member, [Platform]))
        .ThenRefused(new AccountIsDisabled(Ann));

    [Fact]
    public void Once_unlinked_an_account_waits_for_proof_again_also_of_another_issuer()
    {
        AccountEvent[] unlinked = [new AccountRegistered(Ann, Role.Member), Linked, new IdentityUnlinked(She.Issuer, She.Subject)];
        GivenAccount(unlinked).When(account => SignIn(account, Role.Member, [], who: Another)).ThenRefused(new LoginTaken(Ann));
        GivenAccount(unlinked).When(account => SignIn(account, Role.Member, [])).ThenRefused(new LoginTaken(Ann));
        GivenAccount(unlinked).When(account => SignIn(account, Role.Member, [], who: Another, isProven: true)).Then(new IdentityLinked(Another.Issuer, Another.Subject));
    }

    private static Decision SignIn(Account account, Role role, TeamName[] teams, ExternalIdentity? who = null, bool isProven = false) =>
        AccountDecider.SignIn(account, Ann, who ?? She, role, teams, [Platform, Gardening], isProven);
}
