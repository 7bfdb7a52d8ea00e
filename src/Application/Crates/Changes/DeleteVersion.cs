using FluentValidation;
using MediatR;
using Raktar.Application.Callers;
using Raktar.Application.Log;
using Raktar.Application.Publishing.Rules;
using Raktar.Application.State;
using Raktar.Domain.Accounts;
using Raktar.Domain.Crates;

namespace Raktar.Application.Crates.Changes;

/// <summary>
/// Takes a version out of the index and out of reach, with a reason of up to 500 characters. For some days it can be restored, and its crate file is kept;
/// its checksum stays in the log, and its number is never free again.
/// </summary>
public sealed record DeleteVersion(Caller By, CrateName Crate, SemVersion Version, string Reason) : IRequest<Outcome<Done>>, INeeds
{
    /// <inheritdoc/>
    public Need Need => Need.Of(By, TokenScope.Admin, Crate);
}

/// <summary>Brings a deleted version back as it was.</summary>
public sealed record RestoreVersion(Caller By, CrateName Crate, SemVersion Version) : IRequest<Outcome<Done>>, INeeds
{
    /// <inheritdoc/>
    public Need Need => Need.Of(By, TokenScope.Admin, Crate);
}

/// <summary>What happens to deleted versions (<c>Raktar:Deletion:*</c>).</summary>
public sealed record DeletionPolicy
{
    /// <summary>For how many days a deleted version can be restored; 0: not at all.</summary>
    public int UndoDays { get; init; } = 7;
}

internal sealed class DeleteVersionValidator : AbstractValidator<DeleteVersion>
{
    public DeleteVersionValidator() => RuleFor(command => command.Reason)
        .Must(reason => !string.IsNullOrWhiteSpace(reason) && Reason.IsGood(reason))
        .WithMessage("a deletion needs a reason, which has at most 500 characters and no control characters");
}

internal sealed class DeleteVersionHandler(Streams<Crate> crates, DeletionPolicy policy, TimeProvider time) : IRequestHandler<DeleteVersion, Outcome<Done>>
{
    public Task<Outcome<Done>> Handle(DeleteVersion command, CancellationToken cancellationToken)
    {
        var (by, name, version, reason) = command;
        var until = time.GetUtcNow().AddDays(policy.UndoDays);
        return crates.Change(
            StreamName.Of(name), by, crate => CrateDecider.Delete(crate, name, version, reason, until, by.Requester), cancellationToken);
    }
}

internal sealed class RestoreVersionHandler(Streams<Crate> crates, PublishRules rules, TimeProvider time) : IRequestHandler<RestoreVersion, Outcome<Done>>
{
    public Task<Outcome<Done>> Handle(RestoreVersion command, CancellationToken cancellationToken)
    {
        var (by, name, version) = command;
        return crates.Change(
            StreamName.Of(name),
            by,
            crate => CrateDecider.Restore(crate, name, version, time.GetUtcNow(), by.Requester, rules.Limits.HistoryBytes),
            cancellationToken);
    }
}
