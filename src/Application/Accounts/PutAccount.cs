using MediatR;
using Raktar.Application.Callers;
using Raktar.Application.Crates.Changes;
using Raktar.Application.Log;
using Raktar.Application.State;
using Raktar.Domain;
using Raktar.Domain.Accounts;

namespace Raktar.Application.Accounts;

/// <summary>Registers an account, or changes what it may do.</summary>
public sealed record PutAccount(Caller By, Login Login, Role Role) : IRequest<Outcome<Done>>, INeeds
{
    /// <inheritdoc/>
    public Need Need => Need.Accounts(By);
}

internal sealed class PutAccountHandler(Streams<Account> accounts) : IRequestHandler<PutAccount, Outcome<Done>>
{
    public async Task<Outcome<Done>> Handle(PutAccount command, CancellationToken cancellationToken) => command.Login.IsReserved
        ? new InvalidInput($"the login `{command.Login}` is reserved")
        : await accounts.Change(
            StreamName.Of(command.Login),
            command.By,
            account => AccountDecider.Put(account, command.Login, command.Role),
            cancellationToken);
}
