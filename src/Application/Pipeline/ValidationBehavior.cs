using FluentValidation;
using MediatR;
using Raktar.Domain;

namespace Raktar.Application.Pipeline;

/// <summary>Runs a request's validators before its handler; the first broken rule is the refusal.</summary>
internal sealed class ValidationBehavior<TRequest, TOutcome>(IEnumerable<IValidator<TRequest>> validators) : IPipelineBehavior<TRequest, TOutcome>
    where TOutcome : IOutcome<TOutcome>
{
    public Task<TOutcome> Handle(TRequest request, CancellationToken cancellationToken, RequestHandlerDelegate<TOutcome> next)
    {
        foreach (var validator in validators)
        {
            if (validator.Validate(request) is { IsValid: false } result)
            {
                return Task.FromResult(TOutcome.Refused(new InvalidInput(result.Errors[0].ErrorMessage)));
            }
        }

        return next();
    }
}
