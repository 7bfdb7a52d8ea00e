using FluentValidation;
using MediatR;
using Raktar.Application.Callers;
using Raktar.Application.Log;
using Raktar.Application.State;
using Raktar.Domain.Accounts;
using Raktar.Domain.Crates;

namespace Raktar.Application.Crates.Changes;

/// <summary>Yanks a version, with an optional reason of up to 500 characters, or takes the yank back.</summary>
public sealed record YankVersion(Caller By, CrateName Crate, SemVersion Version, bool Yanked, string? Reason = null) : IRequest<Outcome<Done>>, INeeds
{
    /// <inheritdoc/>
    public Need Need => Need.Of(By, TokenScope.Yank, Crate, Rate.Yank);
}

internal sealed class YankVersionValidator : AbstractValidator<YankVersion>
{
    public YankVersionValidator() => RuleFor(command => command.Reason)
        .Must(reason => reason is null || Reason.IsGood(reason))
        .WithMessage("a yank's reason has at most 500 characters and no control characters");
}

internal sealed class YankVersionHandler(Streams<Crate> crates) : IRequestHandler<YankVersion, Outcome<Done>>
{
    public Task<Outcome<Done>> Handle(YankVersion command, CancellationToken cancellationToken)
    {
        var (by, name, version, yanked, reason) = command;
        return crates.Change(
            StreamName.Of(name),
            by,
            crate => yanked
                ? CrateDecider.Yank(crate, name, version, reason, by.Requester)
                : CrateDecider.Unyank(crate, name, version, by.Requester),
            cancellationToken);
    }
}
