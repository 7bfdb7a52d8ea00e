using MediatR;
using Raktar.Application.Events;
using Raktar.Domain.Accounts;

namespace Raktar.Application.Accounts;

/// <summary>Ends a token at once. For administrators.</summary>
public sealed record RevokeToken(Caller By, Login Login, int Token) : IRequest<Outcome<Done>>;

internal sealed class RevokeTokenHandler(Streams<Account> accounts) : IRequestHandler<RevokeToken, Outcome<Done>>
{
    public Task<Outcome<Done>> Handle(RevokeToken command, CancellationToken cancellationToken) => accounts.Change(
        StreamName.Of(command.Login),
        command.By,
        account => AccountDecider.RevokeToken(account, command.Login, command.Token),
        cancellationToken);
}
