using System.Text;
using Raktar.Domain;
using Raktar.Domain.Accounts;

namespace Raktar.Application.State;

/// <summary>Account streams, and the <c>account</c> documents that both decisions and sign-ins read.</summary>
public sealed record AccountStreams() : StreamState<Account>(Kind, Account.Unregistered, StateJson.Default.SnapshotAccount)
{
    /// <summary>The kind of the documents.</summary>
    public const string Kind = "account";

    /// <summary>The alias under which the document of somebody's account is found.</summary>
    public static string AliasOf(ExternalIdentity identity) => $"identity-{Checksum.Of(Encoding.UTF8.GetBytes($"{identity.Issuer}\n{identity.Subject}"))}";

    /// <inheritdoc/>
    public override Account Evolve(Account state, DomainEvent fact) => state.Evolve((AccountEvent)fact);
}
