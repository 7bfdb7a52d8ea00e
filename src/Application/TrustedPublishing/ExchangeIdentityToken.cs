using System.Text;
using MediatR;
using Raktar.Application.Accounts;
using Raktar.Application.Callers;
using Raktar.Application.Crates.Changes;
using Raktar.Application.Crates.Views;
using Raktar.Application.Log;
using Raktar.Application.State;
using Raktar.Domain;
using Raktar.Domain.Accounts;
using Raktar.Domain.Ci;

namespace Raktar.Application.TrustedPublishing;

/// <summary>
/// Exchanges an identity token that was checked for a token that publishes the crates which trust its run, once: the first commit of the stream that the
/// identity token names is both the use of it and the new token. Answers the text, which nobody can ask for again.
/// </summary>
public sealed record ExchangeIdentityToken(CiRun Run, RequestInfo Request) : IRequest<Outcome<string>>, INeeds
{
    /// <inheritdoc/>
    public Need Need => Need.Nothing;
}

internal sealed class ExchangeIdentityTokenHandler(Streams<CiToken> tokens, GuardedCrates crates, TimeProvider time)
    : IRequestHandler<ExchangeIdentityToken, Outcome<string>>
{
    public async Task<Outcome<string>> Handle(ExchangeIdentityToken command, CancellationToken cancellationToken)
    {
        var run = command.Run;
        var trusting = (await crates.All(cancellationToken))
            .SelectMany(crate => crate.TrustedPublishers.Values.Where(publisher => publisher.Covers(run.Issuer, run.Claims)), (crate, publisher) => new TrustedCrate(crate.Name!, publisher.Id))
            .OrderBy(trusted => trusted.Name.Canonical, StringComparer.Ordinal)
            .ThenBy(trusted => trusted.Publisher)
            .ToValueList();
        if (trusting.Count == 0)
        {
            return new NotAllowed($"no crate trusts this run to publish it: {run.Sentence}");
        }

        var stream = StreamName.OfCiToken(Checksum.Of(Encoding.UTF8.GetBytes($"{run.Issuer}\n{run.TokenId}")));
        var text = CiTokens.Create(stream);
        var issued = new CiTokenIssued(trusting, run.Issuer, run.Sentence, Tokens.Hash(text), time.GetUtcNow() + CiTokens.Lifetime);
        var by = Caller.OfRun(run.Sentence, command.Request);
        return (await tokens.Change(stream, by, token => CiToken.Issue(token, issued), cancellationToken)).Map(_ => text);
    }
}
