using MediatR;
using Raktar.Application.Callers;
using Raktar.Domain;
using Raktar.Domain.Accounts;

namespace Raktar.Application.Accounts;

/// <summary>An account with its tokens (without their texts, which nobody knows).</summary>
public sealed record GetAccount(Caller By, Login Login) : IRequest<Outcome<Account>>, INeeds
{
    /// <inheritdoc/>
    public Need Need => By.Login == Login ? Need.Nothing : Need.Accounts(By);
}

internal sealed class GetAccountHandler(AccountDirectory directory) : IRequestHandler<GetAccount, Outcome<Account>>
{
    public async Task<Outcome<Account>> Handle(GetAccount query, CancellationToken cancellationToken) =>
        await directory.Find(query.Login, cancellationToken) is { } account ? account : new AccountNotFound(query.Login.Text);
}
