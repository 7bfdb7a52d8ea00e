using Raktar.Domain;
using Raktar.Domain.Accounts;
using Raktar.Domain.Crates;

namespace Raktar.Specs;

/// <summary>Given facts, when a decision is asked for, then facts or a refusal.</summary>
internal static class Scenario
{
    public static Given<Crate> GivenCrate(params CrateEvent[] facts) =>
        new(facts.Aggregate(Crate.Unpublished, (crate, fact) => crate.Evolve(fact)), (crate, fact) => crate.Evolve((CrateEvent)fact));

    public static Given<Account> GivenAccount(params AccountEvent[] facts) =>
        new(facts.Aggregate(Account.Unregistered, (account, fact) => account.Evolve(fact)), (account, fact) => account.Evolve((AccountEvent)fact));

    public sealed record Given<T>(T State, Func<T, DomainEvent, T> Evolve)
    {
        public Decided<T> When(Func<T, Decision> decide) => new(this, decide, decide(State));
    }

    public sealed record Decided<T>(Given<T> Given, Func<T, Decision> Decide, Decision Decision)
    {
        public void Then(params DomainEvent[] facts)
        {
            Assert.Null(Decision.Refusal);
            Assert.Equal<DomainEvent>(facts, Decision.Events);

            // The same intent on what it led to records nothing, or is refused as already done.
            var after = Decision.Events.Aggregate(Given.State, Given.Evolve);
            Assert.DoesNotContain(Decide(after).Events, fact => fact is not TokenIssued);
        }

        public void ThenNothing()
        {
            Assert.Null(Decision.Refusal);
            Assert.Empty(Decision.Events);
        }

        public void ThenRefused(Refusal refusal)
        {
            Assert.Empty(Decision.Events);
            Assert.Equal(refusal, Decision.Refusal);
        }
    }
}
