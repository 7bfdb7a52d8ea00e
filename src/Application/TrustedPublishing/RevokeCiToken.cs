using MediatR;
using Raktar.Application.Accounts;
using Raktar.Application.Callers;
using Raktar.Application.Crates.Changes;
using Raktar.Application.State;
using Raktar.Domain.Ci;

namespace Raktar.Application.TrustedPublishing;

/// <summary>
/// Ends the token of a run. Whoever has it may do so, the run itself when it is done or a finder (<paramref name="Reason"/>): it is the credential. The answer
/// is the same for a token that is unknown or over, so that nothing can be probed.
/// </summary>
public sealed record RevokeCiToken(string Token, string? Reason, RequestInfo Request) : IRequest<Outcome<Done>>, INeeds
{
    /// <inheritdoc/>
    public Need Need => Need.Nothing;
}

internal sealed class RevokeCiTokenHandler(Streams<CiToken> tokens, TimeProvider time) : IRequestHandler<RevokeCiToken, Outcome<Done>>
{
    public async Task<Outcome<Done>> Handle(RevokeCiToken command, CancellationToken cancellationToken)
    {
        if (CiTokens.StreamOf(command.Token) is not { } stream)
        {
            return default(Done);
        }

        var (known, _) = await tokens.Load(stream, cancellationToken);
        var by = command.Reason is null ? Caller.OfRun(known.Issued?.Run, command.Request) : Caller.Registry(command.Request);
        return await tokens.Change(
            stream, by, token => CiToken.Revoke(token, Tokens.Hash(command.Token), command.Reason, time.GetUtcNow()), cancellationToken);
    }
}
