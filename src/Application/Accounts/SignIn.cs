using MediatR;
using Raktar.Application.Callers;
using Raktar.Application.Crates.Changes;
using Raktar.Application.Log;
using Raktar.Application.State;
using Raktar.Domain;
using Raktar.Domain.Accounts;

namespace Raktar.Application.Accounts;

/// <summary>
/// Somebody signs in for whom the identity provider vouches: registers or changes their account as their groups say now, and answers its login. Who may not
/// sign in any more loses what they had.
/// </summary>
/// <param name="Identity">Who it is; their account is found by it, whatever they are called now.</param>
/// <param name="Login">The login of somebody new.</param>
/// <param name="Role">The role that their groups give; null: none, so that they may not sign in.</param>
/// <param name="Teams">The teams that their groups put them in.</param>
/// <param name="MappedTeams">All teams that groups decide about.</param>
/// <param name="Proven">The account that they have just proved to be theirs with one of its tokens; null: none.</param>
/// <param name="Request">The request.</param>
public sealed record SignIn(
    ExternalIdentity Identity,
    Login Login,
    Role? Role,
    ValueList<TeamName> Teams,
    ValueList<TeamName> MappedTeams,
    Login? Proven,
    RequestInfo Request) : IRequest<Outcome<Login>>, INeeds
{
    /// <inheritdoc/>
    public Need Need => Need.Nothing;
}

internal sealed class SignInHandler(AccountDirectory directory, Streams<Account> accounts) : IRequestHandler<SignIn, Outcome<Login>>
{
    public async Task<Outcome<Login>> Handle(SignIn command, CancellationToken cancellationToken)
    {
        // The projection may not know yet what the log does.
        var known = await directory.Find(command.Identity, cancellationToken)
            ?? (await directory.Find(command.Login, cancellationToken) is { } account && account.Identity == command.Identity ? account.Login : null);
        var login = known ?? command.Login;
        // What the log says: the account did it, with no token.
        var by = new Caller(login, command.Role ?? Role.Reader, Token: null) { Request = command.Request };
        if (command.Role is not { } role)
        {
            if (known is not null)
            {
                await accounts.Change(StreamName.Of(known), by, AccountDecider.EndRights, cancellationToken);
            }

            return new NotAllowed("you are in no group that may use this registry");
        }

        return await accounts.Change(
            StreamName.Of(login),
            by,
            state => AccountDecider.SignIn(state, login, command.Identity, role, command.Teams, command.MappedTeams, isProven: command.Proven == login),
            cancellationToken).Map(_ => login);
    }
}
