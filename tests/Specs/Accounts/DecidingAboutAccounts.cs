using Raktar.Application.Accounts;
using Raktar.Domain;
using Raktar.Domain.Accounts;
using static Raktar.Specs.Scenario;

namespace Raktar.Specs.Accounts;

public sealed class DecidingAboutAccounts
{
    private static readonly Login Ann = Login.Parse("Ann");
    private static readonly Checksum Hash = Checksum.Of("token"u8);
    private static readonly AccountEvent[] Anns = [new AccountRegistered(Ann, Role.Publisher)];

    [Fact]
    public void An_account_is_registered_with_its_role() => GivenAccount()
        .When(account => AccountDecider.Put(account, Ann, Role.Publisher))
        .Then(new AccountRegistered(Ann, Role.Publisher));

    [Fact]
    public void Its_role_changes() => GivenAccount(Anns)
        .When(account => AccountDecider.Put(account, Ann, Role.Reader))
        .Then(new RoleChanged(Role.Reader));

    [Fact]
    public void The_first_account_stays_an_administrator() => GivenAccount(new AccountRegistered(Login.Admin, Role.Admin))
        .When(account => AccountDecider.Put(account, Login.Admin, Role.Reader))
        .ThenRefused(new LastAdmin());

    [Fact]
    public void Tokens_are_numbered_in_their_account() => GivenAccount([.. Anns, new TokenIssued(1, "ci", Checksum.Zero)])
        .When(account => AccountDecider.IssueToken(account, Ann, "laptop", Hash))
        .Then(new TokenIssued(2, "laptop", Hash));

    [Fact]
    public void Nobody_unknown_gets_a_token() => GivenAccount()
        .When(account => AccountDecider.IssueToken(account, Ann, "ci", Hash))
        .ThenRefused(new AccountNotFound("ann"));

    [Fact]
    public void The_hundred_and_first_live_token_is_refused() =>
        GivenAccount([.. Anns, .. Enumerable.Range(1, 100).Select(id => new TokenIssued(id, "ci", Checksum.Zero))])
            .When(account => AccountDecider.IssueToken(account, Ann, "ci", Hash))
            .ThenRefused(new InvalidInput("too many tokens (max 100)"));

    [Fact]
    public void A_token_is_revoked() => GivenAccount([.. Anns, new TokenIssued(1, "ci", Hash)])
        .When(account => AccountDecider.RevokeToken(account, Ann, 1))
        .Then(new TokenRevoked(1));

    [Fact]
    public void A_token_that_never_was_cannot_be_revoked() => GivenAccount(Anns)
        .When(account => AccountDecider.RevokeToken(account, Ann, 7))
        .ThenRefused(new TokenNotFound(7));

    [Fact]
    public void Every_new_token_is_well_formed_and_different()
    {
        var tokens = Enumerable.Range(0, 1000).Select(_ => Tokens.Create()).ToList();
        Assert.All(tokens, token => Assert.Matches("^rk_[0-9A-Za-z]{40}$", token));
        Assert.All(tokens, token => Assert.True(Tokens.IsWellFormed(token)));
        Assert.Equal(tokens.Count, tokens.Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public void A_token_with_one_wrong_letter_is_not_well_formed()
    {
        var token = Tokens.Create();
        Assert.False(Tokens.IsWellFormed(token[..10] + (token[10] == 'a' ? 'b' : 'a') + token[11..]));
    }
}
