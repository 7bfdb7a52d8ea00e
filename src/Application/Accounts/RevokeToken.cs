using MediatR;
using Raktar.Application.Events;
using Raktar.Domain;
using Raktar.Domain.Accounts;

namespace Raktar.Application.Accounts;

/// <summary>Ends a token at once: administrators anybody's, everybody their own.</summary>
public sealed record RevokeToken(Caller By, Login Login, int Token) : IRequest<Outcome<Done>>;

internal sealed class RevokeTokenHandler(Streams<Account> accounts) : IRequestHandler<RevokeToken, Outcome<Done>>
{
    public async Task<Outcome<Done>> Handle(RevokeToken command, CancellationToken cancellationToken) =>
        !command.By.IsAdmin && command.By.Login != command.Login
            ? new TokenNotFound($"{command.Token}")
            : await accounts.Change(
                StreamName.Of(command.Login),
                command.By,
                account => AccountDecider.RevokeToken(account, command.Login, command.Token),
                cancellationToken);
}
