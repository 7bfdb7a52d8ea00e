using MediatR;
using Raktar.Application.Callers;
using Raktar.Domain.Accounts;

namespace Raktar.Application.Accounts;

/// <summary>All accounts, by login.</summary>
public sealed record ListAccounts(Caller By) : IRequest<Outcome<IReadOnlyList<Account>>>, INeeds
{
    /// <inheritdoc/>
    public Need Need => Need.Admin(By);
}

internal sealed class ListAccountsHandler(AccountDirectory directory) : IRequestHandler<ListAccounts, Outcome<IReadOnlyList<Account>>>
{
    public async Task<Outcome<IReadOnlyList<Account>>> Handle(ListAccounts query, CancellationToken cancellationToken) =>
        (await directory.All(cancellationToken)).ToList();
}
