using MediatR;
using Raktar.Domain.Accounts;

namespace Raktar.Application.Accounts;

/// <summary>All accounts, by login. For administrators.</summary>
public sealed record ListAccounts : IRequest<Outcome<IReadOnlyList<Account>>>;

internal sealed class ListAccountsHandler(AccountDirectory directory) : IRequestHandler<ListAccounts, Outcome<IReadOnlyList<Account>>>
{
    public async Task<Outcome<IReadOnlyList<Account>>> Handle(ListAccounts query, CancellationToken cancellationToken) =>
        (await directory.All(cancellationToken)).ToList();
}
