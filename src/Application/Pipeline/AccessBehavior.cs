using MediatR;
using Raktar.Application.Callers;

namespace Raktar.Application.Pipeline;

/// <summary>Refuses a request whose caller has not what it needs, before its validators and its handler. Requests that need nothing do not come here.</summary>
internal sealed class AccessBehavior<TRequest, TOutcome>(IRateLimits rates) : IPipelineBehavior<TRequest, TOutcome>
    where TRequest : INeeds
    where TOutcome : IOutcome<TOutcome>
{
    public Task<TOutcome> Handle(TRequest request, CancellationToken cancellationToken, RequestHandlerDelegate<TOutcome> next) =>
        request.Need.Refuse(rates) is { } refusal ? Task.FromResult(TOutcome.Refused(refusal)) : next();
}
