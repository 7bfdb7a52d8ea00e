using FluentValidation;
using MediatR;
using Raktar.Application.Accounts;
using Raktar.Application.Callers;
using Raktar.Application.Log;
using Raktar.Application.State;
using Raktar.Domain;
using Raktar.Domain.Accounts;
using Raktar.Domain.Crates;

namespace Raktar.Application.Crates.Changes;

/// <summary>Adds or removes owners by login or as <c>team:{name}</c>, all or none.</summary>
public sealed record ChangeOwners(Caller By, CrateName Crate, IReadOnlyList<string> Logins, bool Add) : IRequest<Outcome<Done>>, INeeds
{
    /// <inheritdoc/>
    public Need Need => Need.Of(By, TokenScope.ChangeOwners, Crate);
}

internal sealed class ChangeOwnersValidator : AbstractValidator<ChangeOwners>
{
    private const int Max = 10;

    public ChangeOwnersValidator()
    {
        RuleFor(command => command.Logins.Count).GreaterThan(0).WithMessage("no owners are named");
        RuleFor(command => command.Logins.Count).LessThanOrEqualTo(Max).WithMessage($"too many owners in one request (max {Max})");
    }
}

internal sealed class ChangeOwnersHandler(Streams<Crate> crates, AccountDirectory accounts) : IRequestHandler<ChangeOwners, Outcome<Done>>
{
    public async Task<Outcome<Done>> Handle(ChangeOwners command, CancellationToken cancellationToken)
    {
        var (by, name, texts, add) = command;
        // The crate first: whoever may not manage it must not learn who has an account.
        var (before, _) = await crates.Load(StreamName.Of(name), cancellationToken);
        if (CrateDecider.RefuseToManage(before, name, by.Requester) is { } notTheirs)
        {
            return notTheirs;
        }

        var owners = new List<Owner>();
        foreach (var text in texts)
        {
            if (!Owner.TryParse(text, out var owner))
            {
                return add ? new NoSuchAccount(text) : new NotListedAsOwner(text);
            }

            if (add && await RefuseUnknown(owner, cancellationToken) is { } unknown)
            {
                return unknown;
            }

            owners.Add(owner);
        }

        return await crates.Change(
            StreamName.Of(name),
            by,
            crate => add
                ? CrateDecider.AddOwners(crate, name, owners, by.Requester)
                : CrateDecider.RemoveOwners(crate, name, owners, by.Requester),
            cancellationToken);
    }

    private async Task<Refusal?> RefuseUnknown(Owner owner, CancellationToken cancellationToken) => owner switch
    {
        { Team: { } team } => await accounts.HasTeam(team, cancellationToken) ? null : new NoSuchTeam(team.Text),
        { Login: { } login } => await accounts.Find(login, cancellationToken) is null ? new NoSuchAccount(login.Text) : null,
        _ => throw new InvalidOperationException("an owner is an account or a team"),
    };
}
