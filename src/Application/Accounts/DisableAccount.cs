using FluentValidation;
using MediatR;
using Raktar.Application.Callers;
using Raktar.Application.Crates.Changes;
using Raktar.Application.Log;
using Raktar.Application.State;
using Raktar.Domain;
using Raktar.Domain.Accounts;

namespace Raktar.Application.Accounts;

/// <summary>Switches an account off, for a reason of up to 500 characters, or on again.</summary>
public sealed record DisableAccount(Caller By, Login Login, bool Disabled, string? Reason) : IRequest<Outcome<Done>>, INeeds
{
    /// <inheritdoc/>
    public Need Need => Need.Accounts(By);
}

/// <summary>Ends all sessions of an account.</summary>
public sealed record EndSessions(Caller By, Login Login) : IRequest<Outcome<Done>>, INeeds
{
    /// <inheritdoc/>
    public Need Need => Need.Accounts(By);
}

/// <summary>Unlinks an account from the identity that signs in to it.</summary>
public sealed record UnlinkIdentity(Caller By, Login Login) : IRequest<Outcome<Done>>, INeeds
{
    /// <inheritdoc/>
    public Need Need => Need.Accounts(By);
}

internal sealed class DisableAccountValidator : AbstractValidator<DisableAccount>
{
    public DisableAccountValidator()
    {
        RuleFor(command => command.Reason)
            .Must((command, reason) => !command.Disabled || !string.IsNullOrWhiteSpace(reason))
            .WithMessage("switching an account off needs a reason");
        RuleFor(command => command.Reason)
            .Must(reason => reason is null || Reason.IsGood(reason))
            .WithMessage("a reason has at most 500 characters and no control characters");
    }
}

internal sealed class DisableAccountHandler(Streams<Account> accounts) : IRequestHandler<DisableAccount, Outcome<Done>>
{
    public Task<Outcome<Done>> Handle(DisableAccount command, CancellationToken cancellationToken)
    {
        var (by, login, disabled, reason) = command;
        return accounts.Change(
            StreamName.Of(login),
            by,
            account => disabled ? AccountDecider.Disable(account, login, reason!, by.Login) : AccountDecider.Enable(account, login, reason),
            cancellationToken);
    }
}

internal sealed class EndSessionsHandler(Streams<Account> accounts) : IRequestHandler<EndSessions, Outcome<Done>>
{
    public Task<Outcome<Done>> Handle(EndSessions command, CancellationToken cancellationToken) => accounts.Change(
        StreamName.Of(command.Login), command.By, account => AccountDecider.EndSessions(account, command.Login), cancellationToken);
}

internal sealed class UnlinkIdentityHandler(Streams<Account> accounts) : IRequestHandler<UnlinkIdentity, Outcome<Done>>
{
    public Task<Outcome<Done>> Handle(UnlinkIdentity command, CancellationToken cancellationToken) => accounts.Change(
        StreamName.Of(command.Login), command.By, account => AccountDecider.Unlink(account, command.Login), cancellationToken);
}
