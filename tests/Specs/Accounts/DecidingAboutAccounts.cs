using Raktar.Application.Accounts;
using Raktar.Application.Accounts.TokenChanges;
using Raktar.Domain;
using Raktar.Domain.Accounts;
using Raktar.Domain.Crates;
using static Raktar.Specs.Scenario;

namespace Raktar.Specs.Accounts;

public sealed class DecidingAboutAccounts
{
    private static readonly Login Ann = Login.Parse("Ann");
    private static readonly DateTimeOffset Now = Examples.Noon;
    private static readonly Checksum Hash = Checksum.Of("token"u8);
    private static readonly AccountEvent[] Anns = [new AccountRegistered(Ann, Role.Publisher)];

    [Fact]
    public void An_account_is_registered_with_its_role() => GivenAccount()
        .When(account => AccountDecider.Put(account, Ann, Role.Publisher))
        .Then(new AccountRegistered(Ann, Role.Publisher));

    [Fact]
    public void Its_role_changes() => GivenAccount(Anns)
        .When(account => AccountDecider.Put(account, Ann, Role.Admin))
        .Then(new RoleChanged(Role.Admin));

    [Fact]
    public void A_role_that_goes_down_ends_the_sessions_that_began_with_more() => GivenAccount(Anns)
        .When(account => AccountDecider.Put(account, Ann, Role.Reader))
        .Then(new RoleChanged(Role.Reader), new SessionsEnded());

    [Fact]
    public void The_first_account_stays_an_administrator() => GivenAccount(new AccountRegistered(Login.Admin, Role.Admin))
        .When(account => AccountDecider.Put(account, Login.Admin, Role.Reader))
        .ThenRefused(new LastAdmin());

    [Fact]
    public void Tokens_are_numbered_in_their_account() => GivenAccount([.. Anns, Token(1, "ci", Checksum.Zero)])
        .When(account => AccountDecider.IssueToken(account, Ann, Terms("laptop"), Now))
        .Then(Token(2, "laptop", Hash));

    [Fact]
    public void Nobody_unknown_gets_a_token() => GivenAccount()
        .When(account => AccountDecider.IssueToken(account, Ann, Terms("ci"), Now))
        .ThenRefused(new AccountNotFound("ann"));

    [Fact]
    public void The_hundred_and_first_live_token_is_refused() =>
        GivenAccount([.. Anns, .. Enumerable.Range(1, 100).Select(id => Token(id, "ci", Checksum.Zero))])
            .When(account => AccountDecider.IssueToken(account, Ann, Terms("ci"), Now))
            .ThenRefused(new InvalidInput("too many tokens (max 100)"));

    [Fact]
    public void A_token_is_revoked() => GivenAccount([.. Anns, Token(1, "ci", Hash)])
        .When(account => AccountDecider.RevokeToken(account, Ann, 1))
        .Then(new TokenRevoked(1));

    [Fact]
    public void A_token_that_never_was_cannot_be_revoked() => GivenAccount(Anns)
        .When(account => AccountDecider.RevokeToken(account, Ann, 7))
        .ThenRefused(new TokenNotFound("7"));

    [Fact]
    public void A_token_reaches_no_further_than_its_account() => GivenAccount(Anns)
        .When(account => AccountDecider.IssueToken(account, Ann, Terms("ci") with { Scopes = [TokenScope.Read, TokenScope.Admin] }, Now))
        .ThenRefused(new InvalidInput("the role publisher does not reach the scope `admin`"));

    [Fact]
    public void A_token_with_the_scope_admin_is_for_all_crates() => GivenAccount(new AccountRegistered(Ann, Role.Admin))
        .When(account => AccountDecider.IssueToken(
            account, Ann, Terms("ci") with { Scopes = [TokenScope.Read, TokenScope.Admin], Crates = [CratePattern.Parse("web-*")] }, Now))
        .ThenRefused(new InvalidInput("a token with the scope `admin` is for all crates: leave the crate patterns out, or the scope"));

    [Fact]
    public void The_first_administrator_comes_with_the_operators_token_and_another_token_is_made_once()
    {
        var token = Token(1, "first start", Hash) with { Scopes = TokenScopes.Of(Role.Admin) };
        GivenAccount().When(account => AccountDecider.Preset(account, Hash, Now)).Then(new AccountRegistered(Login.Admin, Role.Admin), token);
        GivenAccount(new AccountRegistered(Login.Admin, Role.Admin), token, new TokenRevoked(1)).When(account => AccountDecider.Preset(account, Hash, Now)).ThenNothing();
        GivenAccount(new AccountRegistered(Login.Admin, Role.Admin), token)
            .When(account => AccountDecider.Preset(account, Checksum.Zero, Now))
            .Then(Token(2, "preset", Checksum.Zero) with { Scopes = TokenScopes.Of(Role.Admin) });
    }

    [Theory]
    [InlineData(99, false)]
    [InlineData(100, true)]
    public void The_operators_token_is_always_made_in_the_place_of_the_oldest_where_there_are_too_many(int live, bool makesRoom)
    {
        AccountEvent[] tokens = [Token(1, "over", Checksum.Zero), new TokenRevoked(1), .. Enumerable.Range(2, live).Select(id => Token(id, "ci", Checksum.Zero))];
        var decision = AccountDecider.Preset(GivenAccount([.. Anns, .. tokens]).State, Hash, Now);
        DomainEvent preset = Token(live + 2, "preset", Hash) with { Scopes = TokenScopes.Of(Role.Admin) };
        Assert.Equal<DomainEvent>(makesRoom ? [new TokenRevoked(2, "made room for the preset token"), preset] : [preset], decision.Events);
    }

    [Fact]
    public void An_expired_token_makes_room_for_another() =>
        GivenAccount([.. Anns, .. Enumerable.Range(1, 100).Select(id => Token(id, "ci", Checksum.Zero) with { ExpiresAt = Now })])
            .When(account => AccountDecider.IssueToken(account, Ann, Terms("ci"), Now))
            .Then(Token(101, "ci", Hash));

    [Fact]
    public void Of_many_tokens_that_ended_the_newest_are_remembered_and_all_that_work()
    {
        AccountEvent[] facts = [.. Anns, Token(1, "kept", Hash), .. Enumerable.Range(2, 1000).SelectMany(id => (AccountEvent[])[Token(id, "ci", Checksum.Zero), new TokenRevoked(id)])];
        var account = facts.Aggregate(Account.Unregistered, (account, fact) => account.Evolve(fact));
        Assert.Equal("kept", account.Tokens[1].Name);
        Assert.InRange(account.Tokens.Count, Account.MaxDeadTokens, Account.MaxDeadTokens + 2);
        GivenAccount(facts).When(found => AccountDecider.IssueToken(found, Ann, Terms("next"), Now)).Then(Token(1002, "next", Hash));
        GivenAccount(facts).When(found => AccountDecider.RevokeToken(found, Ann, 2)).ThenNothing();
        GivenAccount(facts).When(found => AccountDecider.RevokeToken(found, Ann, 1002)).ThenRefused(new TokenNotFound("1002"));
    }

    [Fact]
    public void The_first_accounts_tokens_are_all_remembered()
    {
        AccountEvent[] facts = [new AccountRegistered(Login.Admin, Role.Admin), .. Enumerable.Range(1, 1000).SelectMany(id => (AccountEvent[])[Token(id, "ci", Hash), new TokenRevoked(id)])];
        Assert.Equal(1000, facts.Aggregate(Account.Unregistered, (account, fact) => account.Evolve(fact)).Tokens.Count);
    }

    [Fact]
    public void An_account_joins_a_team_and_leaves_it()
    {
        var team = TeamName.Parse("platform");
        GivenAccount(Anns).When(account => AccountDecider.ChangeTeam(account, Ann, team, join: true)).Then(new TeamJoined(team));
        GivenAccount([.. Anns, new TeamJoined(team)]).When(account => AccountDecider.ChangeTeam(account, Ann, team, join: false)).Then(new TeamLeft(team));
    }

    [Theory]
    [InlineData("*", "anything", true)]
    [InlineData("foo", "Foo", true)]
    [InlineData("foo-bar", "foo_bar", true)]
    [InlineData("foo", "foo-bar", false)]
    [InlineData("foo-*", "foo_bar", true)]
    [InlineData("Foo_*", "foo-bar", true)]
    [InlineData("foo*", "foobar", true)]
    [InlineData("foo-*", "foo", false)]
    public void A_pattern_covers_names_in_any_spelling(string pattern, string crate, bool covers) =>
        Assert.Equal(covers, CratePattern.Parse(pattern).Covers(CrateName.Parse(crate)));

    [Theory]
    [InlineData("")]
    [InlineData("**")]
    [InlineData("*foo")]
    [InlineData("fo*o")]
    [InlineData("foo.*")]
    [InlineData("1*")]
    public void Anything_else_is_no_pattern(string text) => Assert.False(CratePattern.TryParse(text, out _));

    private static TokenIssued Token(int id, string name, Checksum hash) => new(id, name, hash, TokenScopes.Of(Role.Publisher), [CratePattern.All], Now, ExpiresAt: null);

    private static TokenTerms Terms(string name) => new(name, Hash, TokenScopes.Of(Role.Publisher), [CratePattern.All], ExpiresAt: null);

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
