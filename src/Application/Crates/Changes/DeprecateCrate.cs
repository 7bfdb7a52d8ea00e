using FluentValidation;
using MediatR;
using Raktar.Application.Callers;
using Raktar.Application.Log;
using Raktar.Application.State;
using Raktar.Domain;
using Raktar.Domain.Accounts;
using Raktar.Domain.Crates;

namespace Raktar.Application.Crates.Changes;

/// <summary>
/// Advises against a crate, with an optional successor and a reason of up to 500 characters, or takes that back. Whoever yanks a crate's versions may.
/// </summary>
public sealed record DeprecateCrate(Caller By, CrateName Crate, bool Deprecated, string? Successor = null, string? Reason = null)
    : IRequest<Outcome<Done>>, INeeds
{
    /// <inheritdoc/>
    public Need Need => Need.Of(By, TokenScope.Yank, Crate, Rate.Yank);
}

internal sealed class DeprecateCrateValidator : AbstractValidator<DeprecateCrate>
{
    public DeprecateCrateValidator() => RuleFor(command => command.Reason)
        .Must(reason => reason is null || Reason.IsGood(reason))
        .WithMessage("a deprecation's reason has at most 500 characters and no control characters");
}

internal sealed class DeprecateCrateHandler(Streams<Crate> crates) : IRequestHandler<DeprecateCrate, Outcome<Done>>
{
    public async Task<Outcome<Done>> Handle(DeprecateCrate command, CancellationToken cancellationToken)
    {
        var (by, name, deprecated, text, reason) = command;
        CrateName? successor = null;
        if (text is { Length: > 0 } && !CrateName.TryParse(text, out successor, out var problem))
        {
            return new InvalidInput(problem);
        }

        var deprecation = new Deprecation(successor, string.IsNullOrEmpty(reason) ? null : reason);
        return await crates.Change(
            StreamName.Of(name),
            by,
            crate => deprecated ? CrateDecider.Deprecate(crate, name, deprecation, by.Requester) : CrateDecider.Undeprecate(crate, name, by.Requester),
            cancellationToken);
    }
}
