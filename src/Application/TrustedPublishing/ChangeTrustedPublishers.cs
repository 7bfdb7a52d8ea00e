using MediatR;
using Raktar.Application.Callers;
using Raktar.Application.Crates.Changes;
using Raktar.Application.Log;
using Raktar.Application.State;
using Raktar.Domain;
using Raktar.Domain.Accounts;
using Raktar.Domain.Crates;

namespace Raktar.Application.TrustedPublishing;

/// <summary>The crate's trusted publishers, for those who manage it.</summary>
public sealed record ListTrustedPublishers(Caller By, CrateName Crate) : IRequest<Outcome<TrustedPublishers>>, INeeds
{
    /// <inheritdoc/>
    public Need Need => Need.Of(By, TokenScope.ChangeOwners, Crate);
}

/// <summary>A crate's trusted publishers, by id, and whether nobody else may publish it.</summary>
public sealed record TrustedPublishers(IReadOnlyList<TrustedPublisher> Publishers, bool Only);

/// <summary>Trusts runs to publish the crate; answers the trusted publisher, also when it was one before.</summary>
public sealed record AddTrustedPublisher(Caller By, CrateName Crate, string Issuer, IReadOnlyList<ClaimRule> Claims)
    : IRequest<Outcome<TrustedPublisher>>, INeeds
{
    /// <inheritdoc/>
    public Need Need => Need.Of(By, TokenScope.ChangeOwners, Crate);
}

/// <summary>Trusts them no longer; tokens that they hold are no good from then on.</summary>
public sealed record RemoveTrustedPublisher(Caller By, CrateName Crate, int Id) : IRequest<Outcome<Done>>, INeeds
{
    /// <inheritdoc/>
    public Need Need => Need.Of(By, TokenScope.ChangeOwners, Crate);
}

/// <summary>Says whether only trusted publishers may publish the crate.</summary>
public sealed record ChangeTrustedOnly(Caller By, CrateName Crate, bool Only) : IRequest<Outcome<Done>>, INeeds
{
    /// <inheritdoc/>
    public Need Need => Need.Of(By, TokenScope.ChangeOwners, Crate);
}

internal sealed class ListTrustedPublishersHandler(Streams<Crate> crates) : IRequestHandler<ListTrustedPublishers, Outcome<TrustedPublishers>>
{
    public async Task<Outcome<TrustedPublishers>> Handle(ListTrustedPublishers query, CancellationToken cancellationToken)
    {
        var (by, name) = query;
        var (crate, _) = await crates.Load(StreamName.Of(name), cancellationToken);
        return CrateDecider.RefuseToManage(crate, name, by.Requester) is { } refusal
            ? refusal
            : new TrustedPublishers([.. crate.TrustedPublishers.Values], crate.IsTrustedOnly);
    }
}

internal sealed class AddTrustedPublisherHandler(Streams<Crate> crates, TrustedPublishingPolicy policy)
    : IRequestHandler<AddTrustedPublisher, Outcome<TrustedPublisher>>
{
    public async Task<Outcome<TrustedPublisher>> Handle(AddTrustedPublisher command, CancellationToken cancellationToken)
    {
        var (by, name, issuer, claims) = command;
        if (!policy.Knows(issuer))
        {
            return policy.IsEnabled
                ? new InvalidInput($"`{issuer}` is not an issuer that this registry knows; there are {string.Join(", ", policy.Issuers.Select(known => $"`{known.Url}`"))}")
                : new TrustedPublishingOff();
        }

        TrustedPublisher? publisher = null;
        return await crates.Change(
            StreamName.Of(name),
            by,
            crate =>
            {
                var decision = TrustedPublishingDecider.Add(crate, name, issuer, claims.ToValueList(), by.Requester);
                publisher = decision.Events.OfType<TrustedPublisherAdded>().Select(added => new TrustedPublisher(added.Id, added.Issuer, added.Claims)).FirstOrDefault()
                    ?? TrustedPublishingDecider.Find(crate, issuer, claims);
                return decision;
            },
            cancellationToken).Map(_ => publisher!);
    }
}

internal sealed class RemoveTrustedPublisherHandler(Streams<Crate> crates) : IRequestHandler<RemoveTrustedPublisher, Outcome<Done>>
{
    public Task<Outcome<Done>> Handle(RemoveTrustedPublisher command, CancellationToken cancellationToken)
    {
        var (by, name, id) = command;
        return crates.Change(StreamName.Of(name), by, crate => TrustedPublishingDecider.Remove(crate, name, id, by.Requester), cancellationToken);
    }
}

internal sealed class ChangeTrustedOnlyHandler(Streams<Crate> crates) : IRequestHandler<ChangeTrustedOnly, Outcome<Done>>
{
    public Task<Outcome<Done>> Handle(ChangeTrustedOnly command, CancellationToken cancellationToken)
    {
        var (by, name, only) = command;
        return crates.Change(StreamName.Of(name), by, crate => TrustedPublishingDecider.SetTrustedOnly(crate, name, only, by.Requester), cancellationToken);
    }
}
