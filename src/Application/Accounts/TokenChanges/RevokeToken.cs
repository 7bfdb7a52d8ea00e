using MediatR;
using Raktar.Application.Callers;
using Raktar.Application.Crates.Changes;
using Raktar.Application.Log;
using Raktar.Application.State;
using Raktar.Domain;
using Raktar.Domain.Accounts;

namespace Raktar.Application.Accounts.TokenChanges;

/// <summary>
/// Ends a token at once: administrators anybody's, people who signed in their own, and a token itself. It does not end the others of its
/// account: a leaked one could else stop all that the account does.
/// </summary>
public sealed record RevokeToken(Caller By, Login Login, int Token) : IRequest<Outcome<Done>>, INeeds
{
    /// <inheritdoc/>
    public Need Need => Need.Unless(
        By.ManagesAccounts ? null
        : By.Run is not null || By.Login != Login ? new TokenNotFound($"{Token}")
        : By.IsInPerson || By.Token == Token ? null
        : new NotAllowed("a token ends only itself; others are ended by administrators, and by people who signed in with the identity provider"));
}

internal sealed class RevokeTokenHandler(Streams<Account> accounts) : IRequestHandler<RevokeToken, Outcome<Done>>
{
    public Task<Outcome<Done>> Handle(RevokeToken command, CancellationToken cancellationToken) => accounts.Change(
        StreamName.Of(command.Login), command.By, account => AccountDecider.RevokeToken(account, command.Login, command.Token), cancellationToken);
}
