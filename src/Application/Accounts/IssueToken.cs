using FluentValidation;
using MediatR;
using Raktar.Application.Events;
using Raktar.Domain.Accounts;

namespace Raktar.Application.Accounts;

/// <summary>Makes a token for an account. For administrators.</summary>
public sealed record IssueToken(Caller By, Login Login, string Name) : IRequest<Outcome<NewToken>>;

/// <summary>A token's number in its account, its name, and its text, which nobody can ask for again.</summary>
public sealed record NewToken(int Id, string Name, string Text);

internal sealed class IssueTokenValidator : AbstractValidator<IssueToken>
{
    public IssueTokenValidator() => RuleFor(command => command.Name)
        .Must(name => name.Length is >= 1 and <= 100 && !name.Any(char.IsControl))
        .WithMessage("a token's name has 1 to 100 characters");
}

internal sealed class IssueTokenHandler(Streams<Account> accounts) : IRequestHandler<IssueToken, Outcome<NewToken>>
{
    public async Task<Outcome<NewToken>> Handle(IssueToken command, CancellationToken cancellationToken)
    {
        var text = Tokens.Create();
        var id = 0;
        var outcome = await accounts.Change(
            StreamName.Of(command.Login),
            command.By,
            account =>
            {
                var decision = AccountDecider.IssueToken(account, command.Login, command.Name, Tokens.Hash(text));
                id = decision.Events.OfType<TokenIssued>().Select(e => e.Id).FirstOrDefault();
                return decision;
            },
            cancellationToken);
        return outcome.Refusal is { } refusal ? refusal : new NewToken(id, command.Name, text);
    }
}
