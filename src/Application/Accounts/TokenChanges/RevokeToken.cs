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
public sealed record RevokeToken(Caller By, Login Login, int Token) : IRequest<Outcome<Done>>;

internal sealed class RevokeTokenHandler(Streams<Account> accounts) : IRequestHandler<RevokeToken, Outcome<Done>>
{
    public async Task<Outcome<Done>> Handle(RevokeToken command, CancellationToken cancellationToken) => Refuse(command) is { } refusal
        ? refusal
        : await accounts.Change(
            StreamName.Of(command.Login),
            command.By,
            account => AccountDecider.RevokeToken(account, command.Login, command.Token),
            cancellationToken);

    private static Refusal? Refuse(RevokeToken command) =>
        command.By.ManagesAccounts ? null
        : command.By.Run is not null || command.By.Login != command.Login ? new TokenNotFound($"{command.Token}")
        : command.By.IsInPerson || command.By.Token == command.Token ? null
        : new NotAllowed(
            "a token ends only itself; others are ended by administrators, and by people who signed in with the identity provider");
}
