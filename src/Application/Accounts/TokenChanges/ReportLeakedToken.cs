using MediatR;
using Raktar.Application.Callers;
using Raktar.Application.Crates.Changes;
using Raktar.Application.Log;
using Raktar.Application.State;
using Raktar.Domain.Accounts;

namespace Raktar.Application.Accounts.TokenChanges;

/// <summary>
/// Ends a token that was found where it does not belong. Whoever has it may do so: it is the credential. The answer is the same for a token that is
/// unknown or ended before, so that nothing can be probed.
/// </summary>
public sealed record ReportLeakedToken(string Token, RequestInfo Request) : IRequest<Outcome<Done>>, INeeds
{
    /// <inheritdoc/>
    public Need Need => Need.Nothing;
}

internal sealed class ReportLeakedTokenHandler(AccountDirectory directory, Streams<Account> accounts) : IRequestHandler<ReportLeakedToken, Outcome<Done>>
{
    public async Task<Outcome<Done>> Handle(ReportLeakedToken command, CancellationToken cancellationToken)
    {
        if (await directory.Authenticate(command.Token, cancellationToken) is not { Token: { } token } owner)
        {
            return default(Done);
        }

        return await accounts.Change(
            StreamName.Of(owner.Login),
            Caller.Registry(command.Request),
            account => AccountDecider.RevokeToken(account, owner.Login, token, "reported as leaked"),
            cancellationToken);
    }
}
