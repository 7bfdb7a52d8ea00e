using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Raktar.Api.Access;
using Raktar.Api.CommandLine;
using Raktar.Api.Settings;
using Raktar.Application;
using Raktar.Application.Accounts;
using Raktar.Application.Callers;
using Raktar.Application.Crates.Views;
using Raktar.Testing;

namespace Raktar.Api.Specs;

/// <summary>The rooms of the program, from the ground up: who may see whom. What each is for is in docs/architecture.md.</summary>
public sealed class Architecture
{
    private static readonly string[] Rooms =
    [
        "Settings", "Bodies", "Http", "Outgoing", "OpenId", "Background", "Access",
        "Endpoints.Publishing", "Endpoints.Crates", "Endpoints.Index", "Endpoints.Upstreams", "Endpoints.Accounts", "Endpoints.Audits", "Endpoints.Operation",
        "Web.Frame", "Web.Parts", "Web.Readmes", "Web.Crates.Parts", "Web.Crates", "Web.TokenPages", "Web.SignIn", "Web.Me", "Web.Versions", "Web.Audits", "Web.Admin", "Web",
        "Hosting", "CommandLine",
    ];

    [Fact]
    [Trait("Needs", "seconds")]
    public void A_room_uses_only_what_is_below() => Assert.Equal(string.Empty, string.Join('\n', Floors.ArrowsUp(typeof(RaktarCommand).Assembly, "Raktar.Api", Rooms)));

    /// <summary>What only reads is on the way of each build, and says who reads instead of what it needs.</summary>
    [Fact]
    public void A_use_case_asks_for_rights_before_it_validates_and_one_that_only_reads_does_not_ask()
    {
        using var services = new ServiceCollection().AddApplication().AddSingleton(new RaktarOptions()).AddSingleton<IRateLimits, AccountRateLimits>()
            .BuildServiceProvider();
        Assert.Equal(["AccessBehavior`2", "ValidationBehavior`2"], Steps<DisableAccount, Outcome<Done>>());
        Assert.Equal(["ValidationBehavior`2"], Steps<GetIndexFile, Outcome<IndexFile>>());

        IEnumerable<string> Steps<TRequest, TOutcome>() => services.GetServices<IPipelineBehavior<TRequest, TOutcome>>().Select(step => step.GetType().Name);
    }
}
