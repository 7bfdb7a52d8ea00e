using FluentValidation;
using MediatR;
using Raktar.Application.Accounts;
using Raktar.Application.Events;
using Raktar.Domain;
using Raktar.Domain.Accounts;
using Raktar.Domain.Crates;

namespace Raktar.Application.Crates;

/// <summary>Adds or removes owners by login, all or none.</summary>
public sealed record ChangeOwners(Caller By, CrateName Crate, IReadOnlyList<string> Logins, bool Add) : IRequest<Outcome<Done>>;

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
        var logins = new List<Login>();
        foreach (var text in texts)
        {
            if (!Login.TryParse(text, out var login) || (add && await accounts.Find(login, cancellationToken) is null))
            {
                return add ? new NoSuchAccount(text) : new NotListedAsOwner(text);
            }

            logins.Add(login);
        }

        return await crates.Change(
            StreamName.Of(name),
            by,
            crate => add
                ? CrateDecider.AddOwners(crate, name, logins, by.Login, by.IsAdmin)
                : CrateDecider.RemoveOwners(crate, name, logins, by.Login, by.IsAdmin),
            cancellationToken);
    }
}
