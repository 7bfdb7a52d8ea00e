using FsCheck;
using FsCheck.Fluent;
using Raktar.Domain;
using Raktar.Domain.Accounts;
using static Raktar.Specs.Scenario;

namespace Raktar.Specs.Accounts;

/// <summary>An account is switched off and on, its sessions are ended, its identity is unlinked.</summary>
public sealed class SwitchingOff
{
    private static readonly Login Ann = Login.Parse("ann");
    private static readonly Login Boss = Login.Parse("boss");
    private static readonly DateTimeOffset Now = Examples.Noon;
    private static readonly AccountEvent Left = new AccountDisabled("left");
    private static readonly AccountEvent Linked = new IdentityLinked("https://id.example.com", "1");
    private static readonly AccountEvent[] Anns = [new AccountRegistered(Ann, Role.Admin), Token(1)];

    [Fact]
    public void Its_tokens_end_for_good_and_none_is_made()
    {
        GivenAccount(Anns).When(account => AccountDecider.Disable(account, Ann, "left", Boss)).Then(Left);
        var off = GivenAccount([.. Anns, Left]).State;
        Assert.True(off.IsDisabled);
        Assert.DoesNotContain(off.Tokens.Values, token => token.IsLive(Now));
        GivenAccount([.. Anns, Left]).When(account => Issue(account)).ThenRefused(new AccountIsDisabled(Ann));

        GivenAccount([.. Anns, Left]).When(account => AccountDecider.Enable(account, Ann, "came back")).Then(new AccountEnabled("came back"));
        var on = GivenAccount([.. Anns, Left, new AccountEnabled(null)]).State;
        Assert.False(on.IsDisabled);
        Assert.DoesNotContain(on.Tokens.Values, token => token.IsLive(Now));
        GivenAccount([.. Anns, Left, new AccountEnabled(null)]).When(account => Issue(account)).Then(Token(2));
    }

    [Fact]
    public void What_it_was_before_it_is_again()
    {
        var before = GivenAccount([.. Anns, new TeamJoined(TeamName.Parse("platform"))]).State;
        var after = before.Evolve(Left).Evolve(new AccountEnabled(null));
        Assert.Equal((before.Role, before.Teams, before.Identity), (after.Role, after.Teams, after.Identity));
    }

    [Fact]
    public void Somebody_is_always_left_who_can_switch_it_on()
    {
        GivenAccount(Anns).When(account => AccountDecider.Disable(account, Ann, "mistake", Ann)).ThenRefused(new OwnAccount(Ann));
        GivenAccount(new AccountRegistered(Login.Admin, Role.Admin))
            .When(account => AccountDecider.Disable(account, Login.Admin, "mutiny", Boss))
            .ThenRefused(new LastAdmin());
    }

    [Fact]
    public void What_is_not_there_is_not_switched()
    {
        GivenAccount().When(account => AccountDecider.Disable(account, Ann, "left", Boss)).ThenRefused(new AccountNotFound("ann"));
        GivenAccount().When(account => AccountDecider.Enable(account, Ann, null)).ThenRefused(new AccountNotFound("ann"));
        GivenAccount().When(account => AccountDecider.EndSessions(account, Ann)).ThenRefused(new AccountNotFound("ann"));
        GivenAccount().When(account => AccountDecider.Unlink(account, Ann)).ThenRefused(new AccountNotFound("ann"));
    }

    public static TheoryData<AccountEvent> Ends => [new SessionsEnded(), new AccountDisabled("left"), new AccountEnabled(null)];

    [Theory]
    [MemberData(nameof(Ends))]
    public void A_session_of_before_is_over(AccountEvent fact)
    {
        var before = GivenAccount([.. Anns, Left]).State;
        Assert.True(before.Evolve(fact).SessionEpoch > before.SessionEpoch);
    }

    [Fact]
    public void Sessions_are_ended_as_often_as_somebody_asks()
    {
        var account = GivenAccount(Anns).State;
        Assert.Equal([new SessionsEnded()], AccountDecider.EndSessions(account, Ann).Events);
        Assert.Equal([new SessionsEnded()], AccountDecider.EndSessions(account.Evolve(new SessionsEnded()), Ann).Events);
    }

    [Fact]
    public void An_identity_is_unlinked_and_its_sessions_end()
    {
        GivenAccount([.. Anns, Linked])
            .When(account => AccountDecider.Unlink(account, Ann)).Then(new IdentityUnlinked("https://id.example.com", "1"), new SessionsEnded());
        // It keeps its holder out: unlinked, they would come in as somebody new.
        GivenAccount([.. Anns, Linked, Left]).When(account => AccountDecider.Unlink(account, Ann)).ThenRefused(new AccountIsDisabled(Ann));
    }

    [Fact]
    public void Whatever_is_decided_in_whatever_order_no_token_of_before_works_after_it_was_switched_off() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(1000),
        Prop.ForAll(Gen.Choose(0, 9).ArrayOf(30).ToArbitrary(), numbers =>
        {
            var (account, ended, epoch) = (GivenAccount(Anns).State, 0, 0);
            foreach (var number in numbers)
            {
                var before = account;
                account = Decided(account, number).Events.Aggregate(account, (state, fact) => state.Evolve((AccountEvent)fact));
                ended = account.IsDisabled ? account.Tokens.Keys.Max() : ended;
                Assert.True(account.SessionEpoch >= epoch);
                Assert.True(account.Role >= before.Role || account.SessionEpoch > epoch, "a role went down and its sessions live");
                epoch = account.SessionEpoch;
                Assert.DoesNotContain(account.Tokens.Values, token => token.Id <= ended && token.IsLive(Now));
                Assert.False(account.IsDisabled && account.Tokens.Count > before.Tokens.Count, "a token was made while it was switched off");
            }
        }));

    private static Decision Decided(Account account, int number) => number switch
    {
        0 or 1 => AccountDecider.Disable(account, Ann, "left", Boss),
        2 => AccountDecider.Enable(account, Ann, null),
        3 => AccountDecider.EndSessions(account, Ann),
        4 => AccountDecider.Unlink(account, Ann),
        5 => AccountDecider.Put(account, Ann, Role.Admin),
        6 => AccountDecider.Put(account, Ann, Role.Reader),
        7 => AccountDecider.EndRights(account),
        8 => AccountDecider.SignIn(account, Ann, new("https://id.example.com", "1"), Role.Member, [], [], isProven: true),
        _ => Issue(account),
    };

    private static Decision Issue(Account account) => AccountDecider.IssueToken(
        account, Ann, new TokenTerms("t", Checksum.Zero, [TokenScope.Read], [CratePattern.All], ExpiresAt: null), Now);

    private static TokenIssued Token(int id) => new(id, "t", Checksum.Zero, [TokenScope.Read], [CratePattern.All], Now, ExpiresAt: null);
}
